import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { type Mount, mountOf, readMounts } from "./mounts.ts";

/** For so long after an answer a file system may be touched directly. */
const trustMs = 250;
/** Without an answer for so long a file system counts as hung. */
const hungMs = 5_000;
/** Questions that may wait at the same time: each that hangs holds one of the few threads that all files share. */
const maxAsking = 2;
/** Bound of questions that wait for one file system. */
const maxWaiting = 100_000;
const readMountsEveryMs = 10_000;

/** Told what a file system says of a path: undefined where nothing is there, or the error. */
type Answered = (stats: Stats | undefined, error: unknown) => void;

interface Line {
  readonly mount: Mount;
  readonly waiting: Map<string, Answered>;
  answeredAt: number;
  askedAt: number | undefined;
  isReported: boolean;
}

/** Questions that wait for an answer now, of all inputs of the process, as they share its threads. */
let asking = 0;

/**
 * Keeps a file system that hangs from stopping the agent. Local ones are asked directly, which is many times
 * cheaper. Of network and user-space ones nobody waits for an answer, and they are touched directly (to open a file
 * that is new, to list a folder that changed) only just after they have answered.
 */
export class Reach {
  readonly #warn: (fields: object, message: string) => void;
  readonly #wake: () => void;
  readonly #lines = new Map<string, Line>();
  readonly #folders = new Map<string, Mount>();
  #mounts: readonly Mount[] = [];
  #mountsAt = Number.NEGATIVE_INFINITY;

  constructor(warn: (fields: object, message: string) => void, wake: () => void) {
    this.#warn = warn;
    this.#wake = wake;
  }

  /** Whether what is in a folder must be asked for instead of read. */
  isRemote(dir: string): boolean {
    return this.#mount(dir).isRemote;
  }

  /** Whether a folder may be touched now. If not, a question is under way, and `wake` tells when it is answered. */
  mayTouch(dir: string): boolean {
    const mount = this.#mount(dir);
    if (!mount.isRemote) return true;
    const line = this.#lineOf(mount);
    if (performance.now() - line.answeredAt < trustMs) return true;
    if (line.waiting.size === 0) this.ask(dir, mount.point, () => undefined);
    return false;
  }

  /** Asks for the state of a path in a remote folder. At most one question for a path waits. */
  ask(dir: string, path: string, answered: Answered): void {
    const line = this.#lineOf(this.#mount(dir));
    if (line.waiting.size < maxWaiting && !line.waiting.has(path)) line.waiting.set(path, answered);
    this.#next(line);
  }

  /** Mount points that have not answered for long. Reports each once. */
  hung(): string[] {
    const now = performance.now();
    const hung: string[] = [];
    for (const line of this.#lines.values()) {
      if (line.askedAt === undefined || now - line.askedAt < hungMs) continue;
      const { point, type } = line.mount;
      hung.push(point);
      if (line.isReported) continue;
      line.isReported = true;
      this.#warn({ mount: point, type }, "A file system does not answer; its files wait, the others go on.");
    }
    return hung;
  }

  #next(line: Line): void {
    const [first] = line.waiting;
    if (!first || line.askedAt !== undefined || asking >= maxAsking) return;
    const [path, answered] = first;
    asking++;
    line.askedAt = performance.now();
    void stat(path)
      .then(
        (stats) => answered(stats, undefined),
        (error: NodeJS.ErrnoException) => answered(undefined, error.code === "ENOENT" ? undefined : error),
      )
      .finally(() => {
        asking--;
        line.waiting.delete(path);
        line.askedAt = undefined;
        line.isReported = false;
        line.answeredAt = performance.now();
        for (const each of this.#lines.values()) this.#next(each);
        if (line.waiting.size === 0) this.#wake();
      });
  }

  /** The mount of a folder. Mounts are read again now and then. */
  #mount(dir: string): Mount {
    const now = performance.now();
    if (now - this.#mountsAt > readMountsEveryMs) {
      this.#mountsAt = now;
      this.#mounts = readMounts();
      this.#folders.clear();
    }
    let mount = this.#folders.get(dir);
    if (!mount) {
      mount = mountOf(this.#mounts, dir);
      this.#folders.set(dir, mount);
    }
    return mount;
  }

  #lineOf(mount: Mount): Line {
    let line = this.#lines.get(mount.point);
    if (!line) {
      const answeredAt = Number.NEGATIVE_INFINITY;
      line = { mount, waiting: new Map(), answeredAt, askedAt: undefined, isReported: false };
      this.#lines.set(mount.point, line);
    }
    return line;
  }
}

import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Lines, linesOf } from "@vedette/core/kernels";
import { rateLimited } from "@vedette/core/telemetry";
import { type Health, type Input, type InputSink, messageOf, type Position } from "@vedette/sdk";
import { Archives, type ReadyArchive } from "./archives.ts";
import { Folders, findFiles } from "./folders.ts";
import { Follower } from "./follower.ts";
import { Generations } from "./generations.ts";
import { compileExclude, compileGlob, type Glob, matchesPath } from "./glob.ts";
import { Hints } from "./hints.ts";
import { archiveKind } from "./inflate.ts";
import { lineEmitter } from "./line-emitter.ts";
import { rotatedBy } from "./rotation-names.ts";
import type { FileInputDeps, FileInputSettings } from "./settings.ts";

/** What is known of one path that the patterns include. Times of a monotonic clock in milliseconds. */
interface PathState {
  readonly path: string;
  follower: Follower | undefined;
  dueAt: number;
  interval: number;
  size: number;
  mtime: number;
  failure: string | undefined;
}

const noHints: ReadonlySet<string> = new Set();
const longestRetryMs = 30_000;
const saveEveryMs = 1_000;
/** How often rotated files are looked at although no name changed: some are written to long after. */
const sweepEveryMs = 30_000;

/** Follows files by patterns: notifications as hints, polling as the truth. */
export class FileInput implements Input {
  readonly #settings: FileInputSettings;
  readonly #deps: FileInputDeps;
  readonly #globs: readonly Glob[];
  readonly #isExcluded: (path: string) => boolean;
  readonly #folders = new Folders();
  readonly #hints = new Hints();
  readonly #paths = new Map<string, PathState>();
  readonly #ready = new Set<Follower>();
  readonly #kernel: Lines;
  readonly #warn: (fields: object, message: string) => void;
  /** Folders in which followed files lie or lay. */
  readonly #dirs = new Set<string>();
  readonly #versions = new Map<string, number>();
  #generations!: Generations;
  readonly #archives: Archives;
  /** Which archive a follower reads. */
  readonly #unpacked = new Map<Follower, ReadyArchive>();
  #scanAt = 0;
  #pollAt = 0;
  #sweepAt = 0;
  #saveAt = 0;
  #saveWaitMs = saveEveryMs;
  #started = false;

  constructor(settings: FileInputSettings, deps: FileInputDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#globs = settings.include.flatMap((pattern) => compileGlob(pattern, settings.baseDir));
    this.#isExcluded = compileExclude(settings.exclude, settings.baseDir);
    this.#kernel = linesOf(settings.chunkBytes);
    this.#warn = rateLimited(
      (fields, message) => deps.log.warn(fields, message),
      1_000,
      () => performance.now(),
    );
    this.#archives = new Archives({
      registry: deps.registry,
      metrics: deps.metrics,
      warn: this.#warn,
      signal: deps.signal,
      mode: settings.compressed,
      maxFiles: settings.maxFiles,
      lookEveryMs: settings.idlePollMs,
      now: deps.clock.now,
      wake: () => this.#hints.wake(),
    });
  }

  async run(sink: InputSink): Promise<void> {
    const { registry, metrics, log, signal } = this.#deps;
    const { maxLineBytes } = this.#settings;
    const emit = lineEmitter(sink, this.#settings, this.#deps);
    const onReplaced = (): void => this.#archives.noteReplaced();
    this.#generations = new Generations({ registry, metrics, log, maxLineBytes, emit, onReplaced });
    for (const path of registry.paths()) if (this.#wasFollowed(path)) this.#dirs.add(dirname(path));
    try {
      while (!signal.aborted) {
        const now = performance.now();
        const hints = this.#hints.take();
        if (now >= this.#scanAt || hints.folders.size > 0) this.#scan(now);
        this.#poll(now, hints.paths);
        this.#takeArchives();
        await this.#save(now);
        const busy = await this.#read();
        if (!busy) await this.#hints.wait(this.#untilDue(), signal);
      }
    } finally {
      await this.#close();
    }
  }

  durable(_position: Position): void {
    // The spool keeps the checkpoint; `resumeAt` of the registry asks it.
  }

  health(): Health {
    const failed = [...this.#paths.values()].filter(({ failure }) => failure !== undefined);
    const [first] = failed;
    if (!first) return { status: "healthy", message: `${this.#paths.size} files are followed.` };
    const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : "";
    return {
      status: "warning",
      message: `${first.path} cannot be read${more}. ${reasons[first.failure ?? ""] ?? first.failure}`,
    };
  }

  /** Brings the set of paths up to date and looks for what rotation moved away. */
  #scan(now: number): void {
    this.#scanAt = now + this.#settings.pollMs;
    const found = findFiles(this.#globs, this.#folders, this.#settings.maxFiles);
    if (found.size >= this.#settings.maxFiles) {
      this.#warn(
        { maxFiles: found.size },
        "More files match than an input may follow; the rest is left out.",
      );
    }
    for (const path of found) {
      if (this.#paths.has(path) || this.#isExcluded(path)) continue;
      if (archiveKind(path) !== undefined) {
        this.#archives.include(path, this.#beginsAtEnd);
        continue;
      }
      const { pollMs: interval } = this.#settings;
      this.#paths.set(path, {
        path,
        follower: undefined,
        dueAt: 0,
        interval,
        size: -1,
        mtime: 0,
        failure: undefined,
      });
    }
    for (const state of this.#paths.values()) {
      if (found.has(state.path)) continue;
      this.#look(state, now);
      if (!state.follower) this.#paths.delete(state.path);
    }
    this.#hints.cover(this.#paths.keys());
    this.#pollAt = Math.min(this.#pollAt, now);
    this.#poll(now, noHints);
    this.#findRotated(now);
    if (!this.#started) {
      this.#started = true;
      this.#deps.registry.noteStarted(this.#key);
    }
  }

  /** In folders whose names changed: generations that came and went between two looks, and copies. */
  #findRotated(now: number): void {
    const searching = this.#generations.searching || this.#archives.searching;
    const sweep = now >= this.#sweepAt;
    if (sweep) this.#sweepAt = now + sweepEveryMs;
    for (const path of this.#paths.keys()) this.#dirs.add(dirname(path));
    for (const dir of this.#dirs) {
      const { version, entries } = this.#folders.list(dir);
      if (this.#versions.get(dir) === version && !searching && !sweep) continue;
      this.#versions.set(dir, version);
      const names = new Set(entries.filter(({ isDir }) => !isDir).map(({ name }) => name));
      for (const [before, rotated] of rotatedBy(names)) {
        const path = join(dir, before);
        if (!this.#paths.has(path) && !this.#wasFollowed(path)) continue;
        this.#generations.siblings(path, rotated.plain);
        this.#archives.look(path, dir, rotated.archives, names);
      }
    }
    if (this.#generations.searching) this.#generations.searched();
    for (const follower of this.#generations.followers.values()) {
      if (follower.owner === undefined) this.#ready.add(follower);
    }
  }

  /** Whether a path that is not there now was followed before: rotation took it, and no new file came yet. */
  #wasFollowed(path: string): boolean {
    if (this.#deps.registry.at(path).length === 0 || this.#isExcluded(path)) return false;
    return this.#globs.some((glob) => matchesPath(glob, path));
  }

  /** Begins to read the archives that were found to hold something unread. */
  #takeArchives(): void {
    for (const ready of this.#archives.take()) {
      const follower = this.#generations.followArchive(ready);
      if (!follower) continue;
      this.#unpacked.set(follower, ready);
      this.#ready.add(follower);
    }
  }

  /** Looks at the paths that are due and at those with a hint. */
  #poll(now: number, hinted: ReadonlySet<string>): void {
    for (const path of hinted) {
      const state = this.#paths.get(path);
      if (state) this.#look(state, now);
    }
    if (now < this.#pollAt) return;
    this.#pollAt = now + this.#settings.idlePollMs;
    for (const state of this.#paths.values()) {
      if (now >= state.dueAt) this.#look(state, now);
      if (state.dueAt < this.#pollAt) this.#pollAt = state.dueAt;
    }
    this.#deps.metrics.openFiles.set(this.#generations.followers.size);
  }

  /** Compares a path with what is followed there. One stat when nothing changed. */
  #look(state: PathState, now: number): void {
    const { pollMs, idlePollMs } = this.#settings;
    try {
      const stats = statSync(state.path, { throwIfNoEntry: false });
      const { follower } = state;
      if (follower && follower.owner !== state.path) state.follower = undefined;
      else if (follower && (!stats || !isSame(follower, stats)))
        this.#detach(state, stats ? "renamed" : "gone");
      if (!stats) {
        this.#due(state, now, pollMs);
        return;
      }
      if (!state.follower) this.#open(state, stats.isFile());
      const changed = stats.size !== state.size || stats.mtimeMs !== state.mtime;
      state.size = stats.size;
      state.mtime = stats.mtimeMs;
      if (changed && state.follower) this.#ready.add(state.follower);
      state.failure = undefined;
      this.#due(state, now, changed ? pollMs : Math.min(state.interval * 1.5, idlePollMs));
    } catch (error) {
      const { code = "UNKNOWN" } = error as NodeJS.ErrnoException;
      // Gone between two calls: the next look knows.
      if (code !== "ENOENT") this.#failed(state, code);
      this.#due(state, now, Math.min(Math.max(pollMs, state.interval * 2), longestRetryMs));
    }
  }

  #due(state: PathState, now: number, interval: number): void {
    state.interval = interval;
    state.dueAt = now + interval;
    if (state.dueAt < this.#pollAt) this.#pollAt = state.dueAt;
  }

  #open(state: PathState, isFile: boolean): void {
    if (!isFile) throw Object.assign(new Error("Not a plain file."), { code: "ENOTREG" });
    const opened = this.#generations.open(state.path, this.#beginsAtEnd);
    if (opened instanceof Follower) {
      state.follower = opened;
      state.size = -1;
    } else if (opened === "taken") {
      throw Object.assign(new Error("Another input follows this file."), { code: "TAKEN" });
    }
  }

  /** Whether files that are met now were there before this input had ever run, and are not to be read. */
  get #beginsAtEnd(): boolean {
    if (this.#settings.startAt !== "end" || this.#started) return false;
    return !this.#deps.registry.hasStarted(this.#key);
  }

  #failed(state: PathState, code: string): void {
    this.#deps.metrics.inputErrors.add(1, { reason: code });
    if (state.failure === code) return;
    state.failure = code;
    this.#warn({ path: state.path, reason: reasons[code] ?? code }, "A file cannot be read, will retry.");
  }

  #detach(state: PathState, kind: "renamed" | "gone"): void {
    const { follower } = state;
    if (!follower) return;
    this.#deps.metrics.rotations.add(1, { kind });
    follower.owner = undefined;
    follower.grewAt = performance.now();
    state.follower = undefined;
    state.size = -1;
    this.#ready.add(follower);
  }

  /** Gives every file that has bytes one turn. True while there is more to do at once. */
  async #read(): Promise<boolean> {
    const { signal } = this.#deps;
    let unsaved = false;
    for (const follower of [...this.#ready]) {
      if (signal.aborted) return false;
      if (this.#generations.unsaved.has(follower)) continue;
      if (this.#generations.needsHead(follower)) unsaved = true;
      else await this.#turn(follower);
    }
    await this.#finishDetached();
    for (const follower of this.#ready) if (!this.#generations.unsaved.has(follower)) return true;
    return unsaved;
  }

  async #turn(follower: Follower): Promise<void> {
    try {
      const before = follower.readAt;
      const turn = await follower.turn(this.#kernel);
      if (follower.readAt > before) follower.grewAt = performance.now();
      if (turn === "more") return;
      this.#ready.delete(follower);
      if (turn === "replaced") this.#restart(follower);
    } catch (error) {
      this.#ready.delete(follower);
      const state = follower.owner === undefined ? undefined : this.#paths.get(follower.owner);
      const { code } = error as NodeJS.ErrnoException;
      // Not the system's: a fault of what takes the lines, which must not be hidden here.
      if (code === undefined) throw error;
      const unpacked = this.#unpacked.get(follower);
      if (unpacked) this.#archives.noteDamaged(unpacked.archive, messageOf(error));
      if (state) {
        this.#failed(state, code);
        state.size = -1;
      }
    }
  }

  #restart(follower: Follower): void {
    const next = this.#generations.restart(follower);
    const state = follower.owner === undefined ? undefined : this.#paths.get(follower.owner);
    if (state?.follower === follower) state.follower = next;
    this.#ready.add(next);
    this.#scanAt = 0;
  }

  /** Reads renamed and deleted files on, and closes those that have been quiet for long enough. */
  async #finishDetached(): Promise<void> {
    for (const follower of [...this.#generations.followers.values()]) {
      if (follower.owner !== undefined || this.#ready.has(follower)) continue;
      const unpacked = this.#unpacked.get(follower);
      if (!unpacked && performance.now() - follower.grewAt < this.#settings.closeAfterMs) continue;
      await follower.finish(this.#kernel.buffer).catch(() => undefined);
      this.#generations.close(follower);
      if (!unpacked) continue;
      this.#unpacked.delete(follower);
      const { record, offset } = follower;
      this.#deps.registry.update(record, { archive: { key: unpacked.key, bytes: offset } });
    }
  }

  /** Writes the records of new files, without which they may not be read, and now and then the others. */
  async #save(now: number): Promise<void> {
    const fresh = [...this.#generations.unsaved];
    if (fresh.length === 0 && now < this.#saveAt) return;
    this.#generations.note();
    try {
      await this.#deps.registry.save();
      for (const follower of fresh) this.#generations.unsaved.delete(follower);
      this.#saveWaitMs = Math.max(saveEveryMs, 20 * (performance.now() - now));
    } catch (error) {
      this.#warn({ error }, "The record of files cannot be written; new files wait.");
    }
    this.#saveAt = performance.now() + this.#saveWaitMs;
  }

  #untilDue(): number {
    return Math.max(1, Math.min(this.#scanAt, this.#pollAt) - performance.now());
  }

  async #close(): Promise<void> {
    this.#hints.close();
    for (const follower of [...this.#generations.followers.values()]) this.#generations.close(follower);
    await this.#archives.close();
    await this.#deps.registry.save().catch((error: unknown) => {
      this.#warn({ error }, "The record of files cannot be written.");
    });
  }

  /** Names this input in the registry. */
  get #key(): string {
    return [...this.#settings.include].sort().join("\n");
  }
}

const isSame = ({ record }: Follower, stats: { readonly dev: number; readonly ino: number }): boolean =>
  Number(record.ino) === stats.ino && Number(record.dev) === stats.dev;

const reasons: Readonly<Record<string, string>> = {
  ENOTREG: "It is not a plain file.",
  EISDIR: "It is a folder.",
  EACCES: "The agent may not read it; add its user to the file's group.",
  EPERM: "The agent may not read it.",
  TAKEN: "Another input follows it already.",
  EMFILE: "The process has too many files open; raise its limit (ulimit -n).",
};

import { type BigIntStats, closeSync, constants, fstatSync, openSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AgentMetrics } from "../../metrics.ts";
import { ArchiveContent } from "./archive-content.ts";
import { examineArchive } from "./examine-archive.ts";
import { type Fingerprint, type Inode, inodeOf } from "./identity.ts";
import { archiveKind, nameInArchive } from "./inflate.ts";
import type { FileRecord, FileRegistry } from "./registry.ts";

/** Looks at an archive beside the file it is made of before it counts as finished. */
const undecidedLooks = 10;
/** Bound of archives that wait to be examined; the others are met again with the next look. */
const maxWaiting = 10_000;

export interface ArchivesDeps {
  readonly registry: FileRegistry;
  readonly metrics: AgentMetrics;
  /** Limited in its rate. */
  readonly warn: (fields: object, message: string) => void;
  readonly signal: AbortSignal;
  /** `rotated`: only what followed files left unread. `all`: also archives that the patterns name. */
  readonly mode: "rotated" | "all" | "off";
  readonly maxFiles: number;
  /** Time from one look at a path to the next, at most. */
  readonly lookEveryMs: number;
  readonly now: () => number;
  /** Brings up to date by which content what is being read under a path or in a folder is known. */
  readonly tellHeads: (path: string, dir: string) => void;
  /** Told that an archive is ready to be read. */
  readonly wake: () => void;
}

/** An archive that is to be read from some offset on. */
export interface ReadyArchive {
  readonly archive: string;
  readonly path: string;
  readonly content: ArchiveContent;
  /** The generation it continues; undefined where all of it is new. */
  readonly known: FileRecord | undefined;
  readonly inode: Inode;
  readonly head: Fingerprint;
  readonly key: string;
  /** Where the content stands. */
  readonly offset: number;
}

/** What is known of a file with an archive's name. */
interface Sighting {
  key: string;
  looks: number;
  state: "waiting" | "undecided" | "settled";
  /** How many generations had been replaced when it was settled because its generation was still being read. */
  replacements: number;
  record: FileRecord | undefined;
}

interface Reason {
  /** The followed path that the archive was rotated from; its own where the patterns name it. */
  readonly path: string;
  readonly whole: boolean;
  /** Whether it existed at a first start that begins at the end. */
  readonly skip: boolean;
  /** Content that nobody has seen is new if it was written after this. Milliseconds since 1970. */
  readonly since: number;
}

interface Job extends Reason {
  readonly archive: string;
  readonly sighting: Sighting;
}

/**
 * Compressed rotated files. One at a time is uncompressed beside the reading of other files, never more of it than
 * it takes to know which generation it ends; what is unread of that generation is then read like a file.
 */
export class Archives {
  readonly #deps: ArchivesDeps;
  readonly #sightings = new Map<string, Sighting>();
  readonly #jobs: Job[] = [];
  readonly #begunAt: number;
  #ready: ReadyArchive[] = [];
  #replacements = 0;
  #refused = false;
  #working: Promise<void> | undefined;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;

  constructor(deps: ArchivesDeps) {
    this.#deps = deps;
    this.#begunAt = deps.now();
    deps.registry.noteLooked(this, deps.registry.lookedAt(this));
    this.#signal = AbortSignal.any([deps.signal, this.#stop.signal]);
  }

  /** True while looking again may bring something, though no name changed. */
  get searching(): boolean {
    for (const { state } of this.#sightings.values()) if (state === "undecided") return true;
    return false;
  }

  /** Notes that all was looked at, if nothing is left over: what is written from now on and not met may be new later. */
  noteLooked(at: number): void {
    if (!this.#working && !this.searching) this.#deps.registry.noteLooked(this, at);
  }

  /** A generation's content was replaced under its reader: its end may be in an archive that was passed over. */
  noteReplaced(): void {
    this.#replacements++;
  }

  /** Looks at the archives among the names of the folder in which a followed path's rotated files lie. */
  look(path: string, dir: string, names: readonly string[], all: ReadonlySet<string>): void {
    if (this.#deps.mode === "off") return;
    const { registry, lookEveryMs } = this.#deps;
    // What lay there before the first run of all is not ours.
    const floor = registry.wasKnown(path) ? registry.begunAt : this.#begunAt;
    const since = Math.max(floor, registry.lookedAt(this) - 2 * lookEveryMs - 2_000);
    for (const name of names)
      this.#see(join(dir, name), { path, whole: false, skip: false, since }, all.has(nameInArchive(name)));
  }

  /** Looks at an archive that the patterns name. With `skip` its lines are passed over for ever. */
  include(path: string, skip: boolean): void {
    if (this.#deps.mode === "all") this.#see(path, { path, whole: true, skip, since: 0 }, false);
  }

  /** Archives that can be read now. */
  take(): ReadyArchive[] {
    const taken = this.#ready;
    if (taken.length > 0) this.#ready = [];
    return taken;
  }

  /** Reports an archive that is cut short or damaged. It is not read again before it changes. */
  noteDamaged(path: string, cause: string): void {
    this.#deps.metrics.inputErrors.add(1, { reason: "archive_damaged" });
    this.#deps.warn(
      { path, cause },
      "A compressed file is damaged or not complete; what comes before is read.",
    );
  }

  /** Resolves after the work under way has ended. Followers of archives must have been closed. */
  async close(): Promise<void> {
    this.#stop.abort();
    for (const { content } of this.take()) content.close();
    await this.#working;
  }

  #see(archive: string, reason: Reason, isBeside: boolean): void {
    const { registry } = this.#deps;
    const stats = statSync(archive, { bigint: true, throwIfNoEntry: false });
    if (!stats?.isFile()) {
      this.#sightings.delete(archive);
      return;
    }
    const key = keyOf(stats);
    let sighting = this.#sightings.get(archive);
    if (!sighting || sighting.key !== key) {
      const replacements = this.#replacements;
      const record = registry.archivedAs(key);
      sighting = { key, looks: 0, state: record ? "settled" : "undecided", replacements, record };
      if (this.#sightings.size > 4 * this.#deps.maxFiles) this.#sightings.clear();
      this.#sightings.set(archive, sighting);
    }
    // Of a generation that lies there nothing may be forgotten, or it would be read anew after a restart.
    if (sighting.record) registry.seen(sighting.record);
    if (sighting.state === "waiting") return;
    if (sighting.state === "settled" && sighting.replacements === this.#replacements) return;
    // The compressor is at work as long as what it reads is still there.
    if (isBeside && sighting.looks++ < undecidedLooks) return;
    if (archiveKind(archive) === "refused") this.#refuse(archive, sighting);
    else if (this.#jobs.length < maxWaiting) {
      sighting.state = "waiting";
      this.#jobs.push({ ...reason, archive, sighting });
      this.#working ??= this.#work().finally(() => {
        this.#working = undefined;
      });
    }
  }

  #refuse(archive: string, sighting: Sighting): void {
    this.#settle(sighting, undefined);
    this.#deps.metrics.inputErrors.add(1, { reason: "archive_refused" });
    if (this.#refused) return;
    this.#refused = true;
    this.#deps.warn(
      { path: archive },
      "Rotated files of this kind of compression cannot be read; lines that were not read before are not seen. Use gzip or zstd, or delaycompress.",
    );
  }

  #settle(sighting: Sighting, record: FileRecord | undefined): void {
    sighting.state = "settled";
    sighting.record = record;
    sighting.replacements = this.#replacements;
  }

  async #work(): Promise<void> {
    for (let job = this.#jobs.shift(); job && !this.#signal.aborted; job = this.#jobs.shift()) {
      try {
        await this.#examine(job);
      } catch (error) {
        // Gone, or not readable: a change of the folder brings it back.
        this.#settle(job.sighting, undefined);
        const { code = "UNKNOWN" } = error as NodeJS.ErrnoException;
        if (code === "ENOENT") continue;
        this.#deps.metrics.inputErrors.add(1, { reason: code });
        this.#deps.warn({ path: job.archive, error }, "A compressed file cannot be read.");
      }
    }
  }

  async #examine({ archive, path, whole, skip, since, sighting }: Job): Promise<void> {
    const { registry } = this.#deps;
    const signal = this.#signal;
    const kind = archiveKind(archive);
    if (kind !== "gz" && kind !== "zst") return;
    const fd = openSync(archive, constants.O_RDONLY | constants.O_NONBLOCK);
    let content: ArchiveContent | undefined;
    try {
      const stats = fstatSync(fd, { bigint: true });
      const key = keyOf(stats);
      const size = Number(stats.size);
      const finding = await examineArchive({
        fd,
        kind,
        size,
        candidates: (head) => {
          // Written, renamed and compressed since its follower last looked, it would be taken for another content.
          this.#deps.tellHeads(path, dirname(archive));
          return registry.beginningAs(head, dirname(archive), path);
        },
        resumeAt: (record) => registry.resumeAt(record),
        signal,
      });
      if (signal.aborted) return;
      const { known, head, bytes, damage } = finding;
      sighting.key = key;
      this.#settle(sighting, known);
      if (known) registry.seen(known);
      const mayBeNew = whole || Number(stats.mtimeMs) >= since;
      const isWanted = known ? !registry.claimed(known.source) : mayBeNew;
      if (!isWanted) return;
      if (!finding.more) {
        if (damage !== undefined) this.noteDamaged(archive, damage);
        if (known && bytes !== undefined) registry.update(known, { archive: { key, bytes } });
        return;
      }
      if (skip && !known) {
        const passed = registry.add(path, inodeOf(stats), head, 0);
        registry.update(passed, { replaced: true, archive: { key, bytes: 0 } });
        return;
      }
      const offset = known ? registry.resumeAt(known) : 0;
      content = new ArchiveContent(fd, kind, size);
      await content.skipTo(offset, signal);
      if (signal.aborted) return;
      this.#ready.push({ archive, path, content, known, inode: inodeOf(stats), head, key, offset });
      this.#deps.wake();
      await content.closed;
    } finally {
      if (content) content.close();
      else closeSync(fd);
    }
  }
}

/** Names an archive as long as it does not change. Renaming keeps the name. */
const keyOf = ({ ino, size, mtimeNs }: BigIntStats): string => `${ino}:${size}:${mtimeNs}`;

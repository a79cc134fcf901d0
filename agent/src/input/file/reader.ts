import { type Lines, linesOf } from "@vedette/core/kernels";
import { type InputSink, messageOf } from "@vedette/sdk";
import type { Archives, ReadyArchive } from "./archives.ts";
import type { Follower } from "./follower.ts";
import { Generations } from "./generations.ts";
import { lineEmitter } from "./line-emitter.ts";
import { Multiline } from "./multiline.ts";
import type { FileInputDeps, FileInputSettings } from "./settings.ts";

export interface ReaderDeps {
  readonly settings: FileInputSettings;
  readonly deps: FileInputDeps;
  readonly archives: Archives;
  readonly warn: (fields: object, message: string) => void;
  /** Whether the folder of a path may be touched now. */
  readonly mayTouch: (path: string) => boolean;
  /** Whether the file system of a path may hang. */
  readonly mayHang: (path: string) => boolean;
  /** Told the system's error code where reading failed. */
  readonly failed: (follower: Follower, code: string) => void;
  /** Told that the content was replaced, and who of this input reads what is there now. */
  readonly restarted: (follower: Follower, next: Follower | undefined) => void;
}

const saveEveryMs = 1_000;
/** Added for each known file: the whole record is written, and 10,000 files make 4 MB. */
const saveEveryMsPerFile = 0.5;

/** Reads what the input found: a chunk of each file that has bytes in turn, so that none holds up the others. */
export class Reader {
  readonly generations: Generations;
  /** Followers that may have bytes. */
  readonly ready = new Set<Follower>();
  readonly #parts: ReaderDeps;
  readonly #kernel: Lines;
  readonly #multiline: Multiline | undefined;
  /** Which archive a follower reads. */
  readonly #unpacked = new Map<Follower, ReadyArchive>();
  #saveAt = 0;
  /** The one whose bytes are being read or handed on now. */
  #turning: Follower | undefined;

  constructor(parts: ReaderDeps, sink: InputSink) {
    const { settings, deps, archives, mayHang } = parts;
    const { registry, metrics, log } = deps;
    const { maxLineBytes } = settings;
    this.#parts = parts;
    this.#kernel = linesOf(settings.chunkBytes);
    const takerOf = lineEmitter(sink, settings, deps);
    this.#multiline = settings.multiline && new Multiline(settings.multiline);
    const emit = this.#multiline?.before(takerOf) ?? takerOf;
    const onReplaced = (): void => archives.noteReplaced();
    this.generations = new Generations({ registry, metrics, log, maxLineBytes, emit, onReplaced, mayHang });
  }

  /** Begins to read the archives that were found to hold something unread. */
  takeArchives(): void {
    for (const found of this.#parts.archives.take()) {
      const follower = this.generations.followArchive(found);
      if (!follower) continue;
      this.#unpacked.set(follower, found);
      this.ready.add(follower);
    }
  }

  /** Gives every file that has bytes one turn. True while there is more to do at once. */
  async read(): Promise<boolean> {
    const { signal } = this.#parts.deps;
    const { generations } = this;
    let unsaved = false;
    let waiting = 0;
    for (const follower of [...this.ready]) {
      if (signal.aborted) return false;
      if (generations.unsaved.has(follower) || !this.ready.has(follower)) continue;
      // A read of a file system that hangs would hold the input, and one of the threads that all files share.
      if (!this.#parts.mayTouch(follower.owner ?? follower.record.path)) waiting++;
      else if (generations.needsHead(follower)) unsaved = true;
      else await this.#turn(follower);
    }
    await this.#finishDetached();
    await this.#multiline?.flushDue(performance.now());
    let more = -waiting;
    for (const follower of this.ready) if (!generations.unsaved.has(follower)) more++;
    return more > 0 || unsaved;
  }

  async #turn(follower: Follower): Promise<void> {
    this.#turning = follower;
    try {
      const before = follower.readAt;
      const turn = await follower.turn(this.#kernel);
      if (follower.readAt > before) {
        follower.grewAt = performance.now();
        this.generations.touched(follower);
      }
      if (turn === "more") return;
      this.ready.delete(follower);
      if (turn === "replaced") await this.#restart(follower);
    } catch (error) {
      this.ready.delete(follower);
      const { code } = error as NodeJS.ErrnoException;
      // Not the system's: a fault of what takes the lines, which must not be hidden here.
      if (code === undefined) throw error;
      const unpacked = this.#unpacked.get(follower);
      if (unpacked) this.#parts.archives.noteDamaged(unpacked.archive, messageOf(error));
      this.#parts.failed(follower, code);
    } finally {
      this.#turning = undefined;
    }
  }

  /**
   * Makes sure that what is being read under a path or in a folder can be told by its content. A file that waits, and whose
   * content was replaced meanwhile, begins anew here: an archive of the new content would else be taken for one that
   * nobody reads.
   */
  tellHeads(path: string, dir: string): void {
    for (const follower of this.generations.replaced(path, dir)) {
      // Lines that are held back to be joined have to be handed on before; its own turn does that.
      const isOwn = follower === this.#turning || (this.#multiline !== undefined && follower.readAt > 0);
      if (!isOwn) this.#begin(follower);
    }
    this.generations.tellHeads(path, dir);
  }

  async #restart(follower: Follower): Promise<void> {
    await follower.flush();
    this.#begin(follower);
  }

  #begin(follower: Follower): void {
    this.ready.delete(follower);
    const next = this.generations.restart(follower);
    if (next) this.ready.add(next);
    this.#parts.restarted(follower, next);
  }

  /** Reads renamed and deleted files on, and closes those that have been quiet for long enough. */
  async #finishDetached(): Promise<void> {
    const { settings, deps, mayTouch } = this.#parts;
    for (const follower of [...this.generations.detached]) {
      if (this.ready.has(follower) || !mayTouch(follower.record.path)) continue;
      const unpacked = this.#unpacked.get(follower);
      if (!unpacked && performance.now() - follower.grewAt < settings.closeAfterMs) continue;
      await follower.finish(this.#kernel.buffer).catch(() => undefined);
      this.generations.close(follower);
      if (!unpacked) continue;
      this.#unpacked.delete(follower);
      const { record, offset } = follower;
      deps.registry.update(record, { archive: { key: unpacked.key, bytes: offset } });
    }
  }

  /** Writes the records of new files, without which they may not be read, and now and then the others. */
  async save(now: number): Promise<void> {
    const fresh = [...this.generations.unsaved];
    if (fresh.length === 0 && now < this.#saveAt) return;
    this.generations.note();
    try {
      await this.#parts.deps.registry.save();
      // One whose record was changed again meanwhile, by what looks at archives, waits for the next time.
      for (const [follower, mark] of fresh)
        if (this.generations.unsaved.get(follower) === mark) this.generations.unsaved.delete(follower);
    } catch (error) {
      this.#parts.warn({ error }, "The record of files cannot be written; new files wait.");
    }
    const wait = saveEveryMs + saveEveryMsPerFile * this.#parts.deps.registry.size;
    this.#saveAt = performance.now() + wait;
  }

  async close(): Promise<void> {
    const { deps, archives, warn } = this.#parts;
    for (const follower of [...this.generations.followers.values()]) this.generations.close(follower);
    await archives.close();
    await deps.registry.save().catch((error: unknown) => {
      warn({ error }, "The record of files cannot be written.");
    });
  }
}

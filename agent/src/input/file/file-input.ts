import { lstatSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { rateLimited } from "@vedette/core/telemetry";
import type { Health, Input, InputSink, Position } from "@vedette/sdk";
import { Archives } from "./archives.ts";
import { descriptors } from "./descriptors.ts";
import { Folders, findFiles } from "./folders.ts";
import { Follower } from "./follower.ts";
import { compileExclude, compileGlob, type Glob, matchesPath } from "./glob.ts";
import { Hints } from "./hints.ts";
import { archiveKind } from "./inflate.ts";
import { isSame, newState, type PathState, reasons } from "./path-state.ts";
import { Reach } from "./reach.ts";
import { Reader } from "./reader.ts";
import { rotatedBy } from "./rotation-names.ts";
import type { FileInputDeps, FileInputSettings } from "./settings.ts";

const noHints: ReadonlySet<string> = new Set();
const longestRetryMs = 30_000;
/** How often rotated files are looked at although no name changed: some are written to long after. */
const sweepEveryMs = 30_000;
/** How much longer files may go unlooked at where the system tells every change. */
const watchedFactor = 6;
/** Share of the open files that are closed at once when there are too many. */
const parkShare = 20;

/** Follows files by patterns: notifications as hints, polling as the truth. */
export class FileInput implements Input {
  readonly #settings: FileInputSettings;
  readonly #deps: FileInputDeps;
  readonly #globs: readonly Glob[];
  readonly #isExcluded: (path: string) => boolean;
  readonly #reach: Reach;
  readonly #folders: Folders;
  readonly #hints: Hints;
  readonly #paths = new Map<string, PathState>();
  /** Paths on remote file systems of which an answer has come. */
  readonly #answered = new Set<PathState>();
  /** The paths that are links, by the file they lead to. */
  readonly #links = new Map<string, PathState>();
  readonly #warn: (fields: object, message: string) => void;
  /** Folders in which followed files lie or lay. */
  readonly #dirs = new Set<string>();
  readonly #versions = new Map<string, number>();
  readonly #archives: Archives;
  #reader!: Reader;
  #scanAt = 0;
  #pollAt = 0;
  #sweepAt = 0;
  #started = false;

  constructor(settings: FileInputSettings, deps: FileInputDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#globs = settings.include.flatMap((pattern) => compileGlob(pattern, settings.baseDir));
    this.#isExcluded = compileExclude(settings.exclude, settings.baseDir);
    this.#warn = rateLimited(
      (fields, message) => deps.log.warn(fields, message),
      1_000,
      () => performance.now(),
    );
    const wake = (): void => this.#hints.wake();
    this.#reach = new Reach(this.#warn, wake);
    this.#folders = new Folders(this.#reach);
    this.#hints = new Hints({
      isFollowed: (path) => this.#paths.has(path) || this.#links.has(path),
      othersMs: settings.pollMs,
      refused: (dir, error) =>
        this.#warn(
          { dir, error },
          "The system has no watch left for a folder (fs.inotify.max_user_watches); changes there are seen by polling.",
        ),
    });
    this.#archives = new Archives({
      registry: deps.registry,
      metrics: deps.metrics,
      warn: this.#warn,
      signal: deps.signal,
      mode: settings.compressed,
      maxFiles: settings.maxFiles,
      lookEveryMs: watchedFactor * settings.idlePollMs,
      now: deps.clock.now,
      tellHeads: (path, dir) => this.#reader.tellHeads(path, dir),
      wake,
    });
  }

  async run(sink: InputSink): Promise<void> {
    const { registry, signal } = this.#deps;
    this.#reader = new Reader(
      {
        settings: this.#settings,
        deps: this.#deps,
        archives: this.#archives,
        warn: this.#warn,
        mayTouch: (path) => this.#reach.mayTouch(dirname(path)),
        mayHang: (path) => this.#reach.isRemote(dirname(path)),
        failed: (follower, code) => this.#readFailed(follower, code),
        restarted: (follower, next) => {
          const state = this.#stateOf(follower);
          if (state?.follower === follower) state.follower = next;
          this.#scanAt = 0;
        },
      },
      sink,
    );
    for (const path of registry.paths()) if (this.#wasFollowed(path)) this.#dirs.add(dirname(path));
    try {
      while (!signal.aborted) {
        const now = performance.now();
        const hints = this.#hints.take();
        if (now >= this.#scanAt || hints.folders.size > 0) this.#scan(now, hints.folders.size > 0);
        this.#poll(now, hints.paths);
        this.#reader.takeArchives();
        await this.#reader.save(now);
        const busy = await this.#reader.read();
        if (!busy) await this.#hints.wait(this.#untilDue(), signal);
      }
    } finally {
      this.#hints.close();
      await this.#reader.close();
    }
  }

  durable(_position: Position): void {
    // The spool keeps the checkpoint; `resumeAt` of the registry asks it.
  }

  health(): Health {
    const failed = [...this.#paths.values()].filter(({ failure }) => failure !== undefined);
    const [first] = failed;
    const [hung] = this.#reach.hung();
    if (hung !== undefined)
      return { status: "warning", message: `The file system at ${hung} does not answer; its files wait.` };
    if (!first) return { status: "healthy", message: `${this.#paths.size} files are followed.` };
    const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : "";
    return {
      status: "warning",
      message: `${first.path} cannot be read${more}. ${reasons[first.failure ?? ""] ?? first.failure}`,
    };
  }

  /** Brings the set of paths up to date and looks for what rotation moved away. */
  #scan(now: number, hinted: boolean): void {
    this.#scanAt = now + this.#settings.pollMs;
    const { generations } = this.#reader;
    const begun = this.#deps.clock.now();
    const sweep = now >= this.#sweepAt;
    const searching = sweep || generations.searching || this.#archives.searching;
    const changed = hinted || !this.#started || this.#folders.changed;
    if (changed) this.#findPaths(now);
    if (changed || searching) this.#findRotated(searching);
    this.#archives.noteLooked(begun);
    for (const follower of generations.detached) this.#reader.ready.add(follower);
    this.#reach.hung();
    if (sweep) this.#sweepAt = now + sweepEveryMs;
    if (changed) this.#folders.forgetUnused();
    if (!this.#started && !this.#folders.incomplete) {
      this.#started = true;
      this.#deps.registry.noteStarted(this.#key);
    }
  }

  #findPaths(now: number): void {
    const found = findFiles(this.#globs, this.#folders, this.#settings.maxFiles);
    if (found.size >= this.#settings.maxFiles) {
      this.#warn(
        { maxFiles: found.size },
        "More files match than an input may follow; the rest is left out.",
      );
    }
    for (const path of found) {
      if (this.#paths.has(path) || this.#isExcluded(path)) continue;
      if (archiveKind(path) !== undefined) this.#archives.include(path, this.#beginsAtEnd);
      else this.#paths.set(path, newState(path, this.#settings.pollMs));
    }
    for (const state of this.#paths.values()) {
      if (found.has(state.path)) continue;
      this.#look(state, now);
      if (state.follower) continue;
      this.#paths.delete(state.path);
      if (state.real !== undefined) this.#links.delete(state.real);
    }
    this.#pollAt = Math.min(this.#pollAt, now);
    this.#poll(now, noHints);
    const dirs = new Set<string>();
    for (const { dir, real } of this.#paths.values()) {
      dirs.add(dir);
      if (real !== undefined) dirs.add(dirname(real));
    }
    this.#hints.cover(dirs);
    for (const dir of dirs) this.#dirs.add(dir);
    for (const dir of this.#dirs) if (!dirs.has(dir) && !this.#folders.exists(dir)) this.#dirs.delete(dir);
  }

  /** In folders whose names changed: generations that came and went between two looks, and copies. */
  #findRotated(searching: boolean): void {
    const { generations } = this.#reader;
    const wasSearching = generations.searching;
    for (const dir of this.#dirs) {
      const { version, entries } = this.#folders.list(dir);
      if ((this.#versions.get(dir) === version && !searching) || !this.#reach.mayTouch(dir)) continue;
      this.#versions.set(dir, version);
      const names = new Set(entries.filter(({ isDir }) => !isDir).map(({ name }) => name));
      for (const [before, rotated] of rotatedBy(names)) {
        const file = join(dir, before);
        const path = this.#links.get(file)?.path ?? file;
        if (!this.#paths.has(path) && !this.#wasFollowed(path)) continue;
        generations.siblings(path, dir, rotated.plain);
        this.#archives.look(path, dir, rotated.archives, names);
      }
    }
    if (wasSearching) generations.searched();
  }

  /** Whether a path that is not there now was followed before: rotation took it, and no new file came yet. */
  #wasFollowed(path: string): boolean {
    if (this.#deps.registry.at(path).length === 0 || this.#isExcluded(path)) return false;
    return this.#globs.some((glob) => matchesPath(glob, path));
  }

  /** Looks at the paths that are due and at those with a hint. */
  #poll(now: number, hinted: ReadonlySet<string>): void {
    for (const path of hinted) {
      const state = this.#paths.get(path) ?? this.#links.get(path);
      if (state) this.#look(state, now);
    }
    for (const state of this.#answered) this.#look(state, now);
    this.#answered.clear();
    if (now < this.#pollAt) return;
    this.#pollAt = now + this.#settings.idlePollMs;
    for (const state of this.#paths.values()) {
      if (now >= state.dueAt) this.#look(state, now);
      if (state.dueAt < this.#pollAt) this.#pollAt = state.dueAt;
    }
    this.#deps.metrics.openFiles.set(this.#reader.generations.followers.size);
  }

  /** Compares a path with what is followed there. One stat when nothing changed. */
  #look(state: PathState, now: number): void {
    const { pollMs } = this.#settings;
    const isRemote = this.#reach.isRemote(state.dir);
    const { answer } = state;
    state.answer = undefined;
    if (isRemote && !answer) {
      this.#ask(state);
      this.#due(state, now, pollMs);
      return;
    }
    try {
      if (answer?.error) throw answer.error;
      const stats = isRemote ? answer?.stats : statSync(state.path, { throwIfNoEntry: false });
      const { follower } = state;
      if (follower && follower.owner !== state.path) state.follower = undefined;
      else if (follower && (!stats || !isSame(follower, stats)))
        this.#detach(state, stats ? "renamed" : "gone");
      if (!stats) {
        this.#due(state, now, pollMs);
        return;
      }
      const changed = stats.size !== state.size || stats.mtimeMs !== state.mtime || stats.ino !== state.ino;
      if (changed) state.parked = false;
      if (!state.follower && !state.parked) {
        // Where there is no room the open files are read first; this one is looked at again soon.
        if (!this.#reach.mayTouch(state.dir) || !this.#makeRoom()) {
          this.#due(state, now, pollMs);
          return;
        }
        this.#open(state, stats.isFile());
      }
      state.ino = stats.ino;
      state.size = stats.size;
      state.mtime = stats.mtimeMs;
      if (changed && state.follower) this.#reader.ready.add(state.follower);
      state.failure = undefined;
      this.#due(state, now, changed ? pollMs : Math.min(state.interval * 1.5, this.#longestMs(state)));
    } catch (error) {
      const { code = "UNKNOWN" } = error as NodeJS.ErrnoException;
      // Gone between two calls: the next look knows.
      if (code !== "ENOENT") this.#failed(state, code);
      this.#due(state, now, Math.min(Math.max(pollMs, state.interval * 2), longestRetryMs));
    }
  }

  #ask(state: PathState): void {
    this.#reach.ask(state.dir, state.path, (stats, error) => {
      state.answer = { stats, error };
      this.#answered.add(state);
    });
  }

  /** Longest time between two looks at a file that does not change. */
  #longestMs({ dir, real }: PathState): number {
    const { idlePollMs } = this.#settings;
    const watched = real === undefined ? dir : dirname(real);
    const isTold = this.#hints.watches(watched) && !this.#reach.isRemote(watched);
    return isTold ? watchedFactor * idlePollMs : idlePollMs;
  }

  #due(state: PathState, now: number, interval: number): void {
    state.interval = interval;
    state.dueAt = now + interval;
    if (state.dueAt < this.#pollAt) this.#pollAt = state.dueAt;
  }

  #open(state: PathState, isFile: boolean): void {
    if (!isFile) throw Object.assign(new Error("Not a plain file."), { code: "ENOTREG" });
    const opened = this.#reader.generations.open(state.path, this.#beginsAtEnd);
    if (state.real !== undefined) this.#links.delete(state.real);
    state.real = lstatSync(state.path).isSymbolicLink() ? realpathSync(state.path) : undefined;
    if (state.real !== undefined) this.#links.set(state.real, state);
    if (opened instanceof Follower) {
      state.follower = opened;
      this.#reader.ready.add(opened);
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
    this.#reader.generations.own(follower, undefined);
    follower.grewAt = performance.now();
    state.follower = undefined;
    state.size = -1;
    this.#reader.ready.add(follower);
  }

  /** Closes those of the open files that have been quiet for longest where no more may be open. False where none has. */
  #makeRoom(): boolean {
    const own = this.#reader.generations.followers.size;
    const limit = Math.min(this.#settings.maxOpenFiles, descriptors.limit - descriptors.open + own);
    if (own < limit) return true;
    const quiet = [...this.#paths.values()].flatMap(({ follower }) =>
      follower && follower.owner !== undefined && !this.#reader.ready.has(follower) ? [follower] : [],
    );
    quiet.sort((left, right) => left.grewAt - right.grewAt);
    for (const follower of quiet.slice(0, Math.ceil(own / parkShare))) {
      const state = this.#stateOf(follower);
      if (!state) continue;
      this.#reader.generations.close(follower);
      state.follower = undefined;
      state.parked = true;
    }
    return this.#reader.generations.followers.size < limit;
  }

  #readFailed(follower: Follower, code: string): void {
    const state = this.#stateOf(follower);
    if (!state) return;
    this.#failed(state, code);
    state.size = -1;
  }

  #stateOf({ owner }: Follower): PathState | undefined {
    return owner === undefined ? undefined : this.#paths.get(owner);
  }

  #untilDue(): number {
    return Math.max(1, Math.min(this.#scanAt, this.#pollAt) - performance.now());
  }

  /** Names this input in the registry. */
  get #key(): string {
    return [...this.#settings.include].sort().join("\n");
  }
}

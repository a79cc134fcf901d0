import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";

/** Bound of watched folders; files in further ones are seen by polling alone. */
const maxFolders = 512;
/** Bound of changed paths kept while the reader is busy; polling finds the others. */
const maxPaths = 10_000;
/** Hints gather this long before they wake the reader, so that a busy writer does not cost a turn per write. */
const gatherMs = 10;

/** Whose changes are hints, and how soon the reader wakes for those of others. */
export interface HintsOptions {
  /** Whether a path is followed. */
  readonly isFollowed: (path: string) => boolean;
  /** Others in a watched folder wake it after this long: a rotated file may be among them. */
  readonly othersMs: number;
  /** Told of a folder that cannot be watched. */
  readonly refused: (dir: string, error: unknown) => void;
}

/** Tells early what polling would find anyway. Missing or failing hints cost latency, never data. */
export class Hints {
  readonly #options: HintsOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #failed = new Set<string>();
  #paths = new Set<string>();
  #folders = new Set<string>();
  #wake: (() => void) | undefined;
  #stir: (() => void) | undefined;
  #isWoken = false;

  constructor(options: HintsOptions) {
    this.#options = options;
  }

  /** Whether changes in a folder are told. */
  watches(dir: string): boolean {
    return this.#watchers.has(dir);
  }

  /** Watches exactly these folders: one watch for each, however many files are in it. */
  cover(wanted: ReadonlySet<string>): void {
    for (const [dir, watcher] of this.#watchers) {
      if (wanted.has(dir)) continue;
      watcher.close();
      this.#watchers.delete(dir);
    }
    for (const dir of wanted) {
      if (!this.#watchers.has(dir) && !this.#failed.has(dir) && this.#watchers.size < maxFolders)
        this.#open(dir);
    }
  }

  /** Paths that changed since the last call, and folders whose names changed. */
  take(): { readonly paths: ReadonlySet<string>; readonly folders: ReadonlySet<string> } {
    const taken = { paths: this.#paths, folders: this.#folders };
    if (this.#paths.size > 0) this.#paths = new Set();
    if (this.#folders.size > 0) this.#folders = new Set();
    return taken;
  }

  /** Resolves at a hint, after `ms`, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      let timer = setTimeout(done, ms);
      let within = ms;
      const soon = (after: number): void => {
        if (after >= within) return;
        within = after;
        clearTimeout(timer);
        timer = setTimeout(done, after);
      };
      const gather = (): void => soon(gatherMs);
      this.#wake = gather;
      this.#stir = () => soon(this.#options.othersMs);
      signal.addEventListener("abort", done, { once: true });
      if (this.#paths.size > 0 || this.#folders.size > 0 || this.#isWoken) gather();
      this.#isWoken = false;
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }

  /** Ends a wait, and keeps the next one short. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #open(dir: string): void {
    try {
      const watcher = watch(dir, { persistent: false }, (type, name) => {
        const path = name === null ? undefined : join(dir, name);
        if (type === "change" && path !== undefined && !this.#options.isFollowed(path)) {
          this.#stir?.();
          return;
        }
        if (type === "rename") this.#folders.add(dir);
        if (path !== undefined && this.#paths.size < maxPaths) this.#paths.add(path);
        this.#wake?.();
      });
      watcher.on("error", () => {
        // The folder is gone or the system has no watches left. The next cover tries a folder that is back.
        watcher.close();
        this.#watchers.delete(dir);
      });
      this.#watchers.set(dir, watcher);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      this.#failed.add(dir);
      this.#options.refused(dir, error);
    }
  }
}

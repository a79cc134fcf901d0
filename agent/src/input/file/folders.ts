import { readdirSync, statSync } from "node:fs";
import { sep } from "node:path";
import { type Glob, isWild, matchesName } from "./glob.ts";
import type { Reach } from "./reach.ts";

/** Bound of folders below each other that `**` walks. */
const maxDepth = 32;

export interface Entry {
  readonly name: string;
  readonly isDir: boolean;
}

/** What a folder held when it was last read. `version` changes with every reading that may have found changes. */
export interface Listing {
  readonly version: number;
  readonly entries: readonly Entry[];
}

const nothing: Listing = { version: 0, entries: [] };

interface Cached {
  listing: Listing;
  /** When it changed before it was read; undefined where it cannot be read, null where that is not known yet. */
  change: number | undefined | null;
  settled: boolean;
  /** What a remote file system answered since. */
  answer: { readonly change: number | undefined } | undefined;
}

/** Reads folders, again only where their change time moved: an idle folder costs one stat. */
export class Folders {
  readonly #reach: Pick<Reach, "isRemote" | "mayTouch" | "ask">;
  readonly #cache = new Map<string, Cached>();
  readonly #used = new Set<string>();
  #versions = 0;

  constructor(reach: Pick<Reach, "isRemote" | "mayTouch" | "ask">) {
    this.#reach = reach;
  }

  /** The names in a folder; empty where it cannot be read. One that does not answer now is as it was. */
  list(dir: string): Listing {
    this.#used.add(dir);
    let cached = this.#cache.get(dir);
    if (!cached) {
      cached = { listing: nothing, change: null, settled: false, answer: undefined };
      this.#cache.set(dir, cached);
    }
    const isRemote = this.#reach.isRemote(dir);
    if (isRemote && (!cached.answer || !this.#reach.mayTouch(dir))) {
      this.#ask(dir, cached);
      return cached.listing;
    }
    const change = cached.answer && isRemote ? cached.answer.change : changeOf(dir);
    cached.answer = undefined;
    // The time stamp of folders is coarse: after a change it is read once more, as another may share its tick.
    if (cached.change === change && cached.settled) return cached.listing;
    cached.settled = change === undefined || cached.change === change;
    cached.change = change;
    cached.listing = change === undefined ? nothing : this.#read(dir);
    return cached.listing;
  }

  /** Whether listing the folders of the last scan again may give something else. One stat for each. */
  get changed(): boolean {
    let changed = false;
    for (const [dir, cached] of this.#cache) {
      if (!this.#reach.isRemote(dir)) changed ||= !cached.settled || changeOf(dir) !== cached.change;
      else if (cached.answer) changed ||= !cached.settled || cached.answer.change !== cached.change;
      else this.#ask(dir, cached);
      if (cached.answer && cached.settled && cached.answer.change === cached.change) {
        cached.answer = undefined;
        this.#ask(dir, cached);
      }
    }
    return changed;
  }

  #ask(dir: string, cached: Cached): void {
    this.#reach.ask(dir, dir, (stats) => {
      cached.answer = { change: stats?.ctimeMs };
    });
  }

  /** Whether a folder waits for its file system to answer for the first time. */
  get incomplete(): boolean {
    for (const { change } of this.#cache.values()) if (change === null) return true;
    return false;
  }

  /** Whether a folder was there when it was last looked at. */
  exists(dir: string): boolean {
    return this.#cache.get(dir)?.change !== undefined;
  }

  /** Forgets the folders that were not asked for since the last call. */
  forgetUnused(): void {
    for (const dir of this.#cache.keys()) if (!this.#used.has(dir)) this.#cache.delete(dir);
    this.#used.clear();
  }

  #read(dir: string): Listing {
    try {
      const entries = readdirSync(dir, { withFileTypes: true }).map((entry) => ({
        name: entry.name,
        isDir: entry.isDirectory(),
      }));
      return { version: ++this.#versions, entries };
    } catch {
      return nothing;
    }
  }
}

/** When names or rights in a folder last changed, in milliseconds. */
const changeOf = (dir: string): number | undefined => {
  try {
    return statSync(dir).ctimeMs;
  } catch {
    return undefined;
  }
};

/** Every path that the globs match now, at most `limit`. A pattern without wildcards matches whether or not it exists. */
export function findFiles(globs: readonly Glob[], folders: Folders, limit: number): Set<string> {
  const found = new Set<string>();
  const walk = (dir: string, parts: readonly string[], at: number, depth: number): void => {
    if (found.size >= limit) return;
    const part = parts[at]!;
    const last = at === parts.length - 1;
    if (part === "**") {
      if (!last) walk(dir, parts, at + 1, depth);
      for (const { name, isDir } of folders.list(dir || sep).entries) {
        if (name.startsWith(".")) continue;
        if (isDir && depth < maxDepth) walk(`${dir}${sep}${name}`, parts, at, depth + 1);
        else if (!isDir && last && found.size < limit) found.add(`${dir}${sep}${name}`);
      }
    } else if (!isWild(part)) {
      const path = `${dir}${sep}${part}`;
      if (last) found.add(path);
      else walk(path, parts, at + 1, depth);
    } else {
      for (const { name, isDir } of folders.list(dir || sep).entries) {
        if (!matchesName(part, name)) continue;
        const path = `${dir}${sep}${name}`;
        // A link's target decides; links to folders are followed here, where the pattern bounds the depth.
        if (!last) walk(path, parts, at + 1, depth);
        else if (!isDir && found.size < limit) found.add(path);
      }
    }
  };
  for (const { parts } of globs) walk("", parts, 1, 0);
  return found;
}

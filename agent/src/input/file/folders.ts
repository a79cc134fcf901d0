import { readdirSync, statSync } from "node:fs";
import { sep } from "node:path";
import { type Glob, isWild, matchesName } from "./glob.ts";

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
  mtime: bigint;
  settled: boolean;
}

/** Reads folders, again only where their modification time moved: an idle folder costs one stat. */
export class Folders {
  readonly #cache = new Map<string, Cached>();
  #versions = 0;

  /** The names in a folder; empty where it cannot be read. */
  list(dir: string): Listing {
    let mtime: bigint;
    try {
      mtime = statSync(dir, { bigint: true }).mtimeNs;
    } catch {
      this.#cache.delete(dir);
      return nothing;
    }
    const cached = this.#cache.get(dir);
    // The time stamp of folders is coarse: after a change it is read once more, as another may share its tick.
    if (cached && cached.mtime === mtime && cached.settled) return cached.listing;
    try {
      const entries = readdirSync(dir, { withFileTypes: true }).map((entry) => ({
        name: entry.name,
        isDir: entry.isDirectory(),
      }));
      const listing = { version: ++this.#versions, entries };
      this.#cache.set(dir, { listing, mtime, settled: cached?.mtime === mtime });
      return listing;
    } catch {
      this.#cache.delete(dir);
      return nothing;
    }
  }
}

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

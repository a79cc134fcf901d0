import { readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf } from "@vedette/sdk";
import { ConfigError } from "../config/index.ts";

const MAX_FILES = 10_000;
const MAX_FOLDER_DEPTH = 16;

let collator: Intl.Collator | undefined;

/** Made for the first folder only: it brings half a megabyte of the tables of ICU into memory. */
const compare = (a: string, b: string): number => {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
};

function below(folder: string, found: string[], depth: number): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const isFolder =
      entry.isDirectory() ||
      (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isDirectory());
    if (isFolder && depth < MAX_FOLDER_DEPTH) below(path, found, depth + 1);
    else if (!isFolder && /\.ya?ml$/.test(entry.name)) found.push(path);
    if (found.length > MAX_FILES) throw new Error(`it holds more than ${MAX_FILES} YAML files`);
  }
}

/**
 * The YAML files of files and folders. Folders are read recursively and ordered by base name, numbers by value
 * (2 before 10). A file that is named twice is read once. Throws ConfigError (`config.unreadable`) where a path does not exist.
 */
export function yamlFiles(paths: readonly (string | URL)[]): (string | URL)[] {
  const files = paths.flatMap((given): (string | URL)[] => {
    if (given instanceof URL && given.protocol === "data:") return [given];
    const path = given instanceof URL ? fileURLToPath(given) : given;
    try {
      if (!statSync(path).isDirectory()) return [path];
      const found: string[] = [];
      below(path, found, 0);
      return found.sort((a, b) => compare(basename(a), basename(b)) || compare(a, b));
    } catch (error) {
      throw ConfigError.unreadable(path, messageOf(error), error);
    }
  });
  const seen = new Set<string>();
  return files.filter((file) => seen.size < seen.add(file instanceof URL ? file.href : resolve(file)).size);
}

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { IsolationConfig } from "./config.ts";

const file = z.record(z.string(), z.int().min(1));
const maxNames = 10_000;

/**
 * Which plugin is which user. A number once given stays its plugin's for good, so that nobody inherits another's files. Throws
 * where the range has no number left.
 */
export function userOf(dir: string, { first, count }: IsolationConfig["users"], name: string): number {
  const path = join(dir, "users.json");
  const known = read(path);
  const there = known[name];
  if (there !== undefined && there >= first && there < first + count) return there;
  const taken = new Set(Object.values(known));
  let next = first;
  while (taken.has(next)) next++;
  if (next >= first + count || taken.size >= maxNames)
    throw new Error(`All ${count} users of isolation.users are plugins' already; make the range larger.`);
  const temporary = `${path}.new`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, JSON.stringify({ ...known, [name]: next }), { mode: 0o600, flag: "wx" });
  renameSync(temporary, path);
  return next;
}

function read(path: string): Record<string, number> {
  try {
    return file.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    // Guessing would give a plugin the files of another.
    throw new Error(`${path} says which plugin is which user, and cannot be read.`, { cause: error });
  }
}

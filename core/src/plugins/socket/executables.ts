import { readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join } from "node:path";

const suffix = ".plugin";
const maxDepth = 8;
const maxPlugins = 256;

/** A plugin's program. `problem` says why it is not started. */
export interface Executable {
  readonly name: string;
  readonly file: string;
  readonly problem?: string;
}

/** Programs below a folder, in the order of their names. A folder that is not there has none. */
export function findExecutables(dir: string): Executable[] {
  const found = new Map<string, Executable>();
  for (const file of filesBelow(dir, 0)) {
    const name = basename(file).slice(0, -suffix.length);
    const before = found.get(name);
    if (before) found.set(name, { ...before, problem: `${file} has the same name as ${before.file}.` });
    else if (found.size < maxPlugins) found.set(name, examine(name, file));
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function filesBelow(dir: string, depth: number): string[] {
  if (depth > maxDepth) return [];
  const entries = (() => {
    try {
      return readdirSync(dir, { withFileTypes: true });
    } catch {
      return [];
    }
  })();
  return entries.flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return filesBelow(path, depth + 1);
    return entry.name.endsWith(suffix) && entry.name.length > suffix.length ? [path] : [];
  });
}

function examine(name: string, file: string): Executable {
  if (!/^[\w.-]{1,100}$/.test(name))
    return {
      name,
      file,
      problem: "Its name has other characters than letters, digits, dots, hyphens and _.",
    };
  try {
    const { mode, uid } = statSync(file);
    const real = realpathSync(file);
    if (!statSync(real).isFile()) return { name, file, problem: "It is no file." };
    if ((mode & 0o111) === 0) return { name, file, problem: `It is not executable: chmod +x ${file}` };
    if (mode & 0o002) return { name, file, problem: `Everybody may change it: chmod o-w ${file}` };
    if (uid !== 0 && uid !== process.getuid?.())
      return { name, file, problem: "It belongs to another user, who could change what runs here." };
    return { name, file: real };
  } catch (error) {
    return { name, file, problem: `It cannot be read: ${String(error)}` };
  }
}

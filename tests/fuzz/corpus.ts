import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("./corpus/", import.meta.url));

/** Kept inputs of a target: each reached something that those before it did not. In the order of their names. */
export function corpusOf(target: string): Buffer[] {
  mkdirSync(root + target, { recursive: true });
  return readdirSync(root + target)
    .sort()
    .map((name) => readFileSync(`${root}${target}/${name}`));
}

/** Largest input that is kept, and how many of one target: the corpus lies in the repository. */
const keptBytes = 2_048;
const keptInputs = 250;

/** Keeps an input under a name made of its content. False where it is too large, or enough are kept. */
export function keep(target: string, input: Buffer): boolean {
  if (input.length > keptBytes || readdirSync(root + target).length >= keptInputs) return false;
  const name = createHash("sha256").update(input).digest("hex").slice(0, 16);
  writeFileSync(`${root}${target}/${name}`, input);
  return true;
}

/** Writes an input that broke something, always. Gives its path. */
export function keepFinding(target: string, input: Buffer): string {
  const folder = `${root}${target}`;
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/finding-${createHash("sha256").update(input).digest("hex").slice(0, 16)}`;
  writeFileSync(path, input);
  return path;
}

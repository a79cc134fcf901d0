import { splitPath, textOf } from "../../paths/index.ts";
import type { Emitter } from "../emitter.ts";
import { kinds } from "../layout.ts";

/**
 * Statements for each field that is there, `v` being its value; what they write replaces it. With `sure` no statement
 * can fail, so that afterwards each field is known to hold what was written.
 */
export function eachField(
  emitter: Emitter,
  names: readonly string[],
  miss: string,
  sure: boolean,
  change: (
    name: string,
    types: number,
  ) => { readonly before?: string; readonly value: string; readonly types: number },
): string {
  const flat = names.every((name) => emitter.layout.place(splitPath(name)).below.length === 0);
  const parts = names.map((name) => {
    const path = splitPath(name);
    const held = emitter.types(path);
    const { before = "", value, types } = change(name, held);
    const read = `v = ${emitter.read(path)};`;
    const kept = held & kinds.absent;
    const write =
      sure && flat
        ? emitter.write(path, value, types | kept)
        : emitter.maybe(() => emitter.write(path, value, types));
    return `${read} if (v !== undefined) { found = true; ${before} ${write} }`;
  });
  return `let found = false, v; ${parts.join(" ")} if (!found) { ${miss} }`;
}

/** An expression for the text of the value `v`. */
export function textSource(emitter: Emitter, types: number, trim: string): string {
  const text = `${trim}(v)`;
  if ((types & ~(kinds.text | kinds.absent)) === 0) return text;
  return `(typeof v === "string" ? ${text} : ${emitter.ref(textOf)}(v).trim())`;
}

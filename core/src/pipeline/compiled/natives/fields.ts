import { splitPath, textOf } from "../../paths/index.ts";
import type { Emitter } from "../emitter.ts";
import { kinds, type Slot } from "../layout.ts";

/** A field of a step as source. */
interface FieldSource {
  readonly name: string;
  /** What `v` may be, as bits of `kinds`. */
  readonly types: number;
  /** Where it may be a slice. */
  readonly slot: Slot | undefined;
}

/** What replaces the value of a field. */
interface Change {
  /** Statements before `value`. */
  readonly before?: string;
  readonly value: string;
  readonly types: number;
  /** Statements that change a slice in place, where it stays one; else `v` is its text. */
  readonly slice?: string | undefined;
  /** True where `v` is left a slice, of which `before` and `value` read what they need. */
  readonly readsItself?: true;
}

/**
 * Statements for each field that is there, `v` being its value; what they write replaces it. With `sure` no statement
 * can fail, so that afterwards each field is known to hold what was written.
 */
export function eachField(
  emitter: Emitter,
  names: readonly string[],
  miss: string,
  sure: boolean,
  change: (field: FieldSource) => Change,
): string {
  const flat = names.every((name) => emitter.layout.place(splitPath(name)).below.length === 0);
  const parts = names.map((name) => {
    const path = splitPath(name);
    const types = emitter.types(path);
    const slot = emitter.slice(path);
    const there = emitter.there(path);
    const read = emitter.read(path);
    const { before = "", value, types: made, slice, readsItself } = change({ name, types, slot });
    const kept = types & kinds.absent;
    const write =
      sure && flat
        ? emitter.write(path, value, made | kept)
        : emitter.maybe(() => emitter.write(path, value, made));
    if (slot === undefined || slice === undefined)
      return `v = ${readsItself ? there : read}; if (v !== undefined) { found = true; ${before} ${write} }`;
    emitter.moved(slot);
    return `v = ${there}; if (v === slice) { found = true; ${slice} } else if (v !== undefined) { found = true; ${before} ${write} }`;
  });
  return `let found = false, v, d = 0; ${parts.join(" ")} if (!found) { ${miss} }`;
}

/** An expression for the text of the value `v`. */
export function textSource(emitter: Emitter, types: number, trim: string): string {
  const text = `${trim}(v)`;
  if ((types & ~(kinds.text | kinds.absent)) === 0) return text;
  return `(typeof v === "string" ? ${text} : ${emitter.ref(textOf)}(v).trim())`;
}

import {
  type Codes,
  type Column,
  type NumberColumn,
  numberColumn,
  numbersFor,
  textColumn,
} from "@vedette/core/batch";
import type { FactField } from "./facts.ts";

/** What is known about a side of each row. */
export interface Found {
  /** For each row a place in `values`. */
  readonly rows: Uint32Array;
  /** The distinct findings. */
  readonly values: readonly (string | number | undefined)[];
}

/**
 * The column of one fact: the producer's value where the row has one, else what was found.
 * Undefined where the batch would not change.
 */
export function mergeFact(
  path: string,
  kind: FactField["kind"],
  existing: Column | undefined,
  found: Found,
): Column | undefined {
  if (found.values.every((value) => value === undefined || value === "" || value === 0)) return undefined;
  if (existing && existing.kind !== (kind === "text" ? "text" : "number")) return undefined;
  if (kind === "text") return mergeText(path, existing, found);
  return mergeNumbers(path, kind, existing?.kind === "number" ? existing : undefined, found);
}

function mergeNumbers(
  path: string,
  kind: Exclude<FactField["kind"], "text">,
  existing: NumberColumn | undefined,
  { rows, values }: Found,
): Column {
  // By bytes, not as numbers: 64-bit integers keep their digits.
  const known = numbersFor(kind, values.length);
  for (const [at, value] of values.entries()) {
    if (value !== undefined) known[at] = known instanceof BigUint64Array ? BigInt(value) : (value as never);
  }
  const numbers = numbersFor(kind, rows.length);
  // In words of 32 bits, because a 64-bit integer would become an object for every row.
  const words = numbers.BYTES_PER_ELEMENT / 4;
  const from = new Uint32Array(known.buffer);
  const to = new Uint32Array(numbers.buffer);
  for (let row = 0; row < rows.length; row++) {
    const at = rows[row]! * words;
    to[row * words] = from[at]!;
    if (words === 2) to[row * words + 1] = from[at + 1]!;
  }
  if (existing) {
    const width = numbers.BYTES_PER_ELEMENT;
    const bytes = new Uint8Array(numbers.buffer);
    for (let row = 0; row < rows.length; row++) {
      if (existing.has(row)) bytes.set(existing.native.subarray(row * width, (row + 1) * width), row * width);
    }
  }
  return numberColumn(path, kind, numbers);
}

function mergeText(path: string, existing: Column | undefined, { rows, values }: Found): Column {
  const own = existing?.kind === "text" ? existing.codes() : undefined;
  const keys = own ? [...own.keys] : [""];
  const known = new Map(keys.map((key, code) => [key, code]));
  const codeOf = Uint32Array.from(values, (value) => {
    const text = typeof value === "string" ? value : "";
    let code = known.get(text);
    if (code === undefined) {
      code = keys.push(text) - 1;
      known.set(text, code);
    }
    return code;
  });
  const index = indexFor(keys.length, rows.length);
  if (own) {
    for (let row = 0; row < rows.length; row++) {
      const produced = own.index[row]!;
      index[row] = keys[produced] === "" ? codeOf[rows[row]!]! : produced;
    }
  } else {
    for (let row = 0; row < rows.length; row++) index[row] = codeOf[rows[row]!]!;
  }
  return textColumn(path, { keys, index });
}

const indexFor = (keys: number, rows: number): Codes["index"] =>
  keys <= 0x100 ? new Uint8Array(rows) : keys <= 0x1_0000 ? new Uint16Array(rows) : new Uint32Array(rows);

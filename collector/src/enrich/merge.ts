import { type Codes, type Column, numberColumn, textColumn } from "@vedette/core/batch";
import type { FactField } from "./facts.ts";

/** What is known of each distinct value of the looked-up column, in the order of its keys. */
export interface Found {
  readonly codes: Codes;
  readonly values: readonly (string | number | undefined)[];
}

/**
 * The column of one fact: the producer's value where the row has one, else what was found.
 * Undefined where the batch would not change.
 */
export function mergeFact(
  path: string,
  kind: FactField["kind"],
  rows: number,
  existing: Column | undefined,
  found: Found,
): Column | undefined {
  if (found.values.every((value) => value === undefined || value === "" || value === 0)) return undefined;
  if (existing && existing.kind !== (kind === "text" ? "text" : "number")) return undefined;
  if (kind === "text") return mergeText(path, rows, existing, found);
  const { codes, values } = found;
  const own = existing?.kind === "number" ? existing : undefined;
  return numberColumn(path, kind, rows, (row) => {
    // By value, not as a number: 64-bit integers keep their digits as text.
    const produced = own?.value(row);
    return produced === undefined ? values[codes.index[row]!] : (produced as number | string);
  });
}

function mergeText(path: string, rows: number, existing: Column | undefined, found: Found): Column {
  const own = existing?.kind === "text" ? existing.codes() : undefined;
  const keys = own ? [...own.keys] : [""];
  const known = new Map(keys.map((key, code) => [key, code]));
  const codeOf = Uint32Array.from(found.values, (value) => {
    const text = typeof value === "string" ? value : "";
    let code = known.get(text);
    if (code === undefined) {
      code = keys.push(text) - 1;
      known.set(text, code);
    }
    return code;
  });
  const index = indexFor(keys.length, rows);
  const { index: from } = found.codes;
  for (let row = 0; row < rows; row++) {
    const produced = own ? own.index[row]! : 0;
    index[row] = produced !== 0 && keys[produced] !== "" ? produced : codeOf[from[row]!]!;
  }
  return textColumn(path, { keys, index });
}

const indexFor = (keys: number, rows: number): Codes["index"] =>
  keys <= 0x100 ? new Uint8Array(rows) : keys <= 0x1_0000 ? new Uint16Array(rows) : new Uint32Array(rows);

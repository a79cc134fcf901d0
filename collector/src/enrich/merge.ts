import { type Codes, type Column, type TextColumn, textColumn } from "@vedette/core/batch";

/** What was found for each row. */
export interface FoundTexts {
  /** For each row a place in `values`. */
  readonly rows: Uint32Array;
  /** The distinct findings. */
  readonly values: readonly (string | undefined)[];
}

/**
 * The column of one text: the producer's value where the row has one, else what was found.
 * Undefined where the batch would not change.
 */
export function mergeText(path: string, existing: Column | undefined, found: FoundTexts): Column | undefined {
  if (existing && existing.kind !== "text") return undefined;
  return found.values.every((value) => !value) ? undefined : mergedText(path, existing, found);
}

function mergedText(path: string, existing: TextColumn | undefined, { rows, values }: FoundTexts): Column {
  const own = existing?.codes();
  const keys = own ? [...own.keys] : [""];
  const known = new Map(keys.map((key, code) => [key, code]));
  const codeOf = Uint32Array.from(values, (value) => {
    const text = value ?? "";
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

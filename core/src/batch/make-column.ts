import { ByteWriter } from "./bytes.ts";
import type { Codes, NumberColumn, TextColumn } from "./column.ts";
import { NumberBuilder } from "./column-builders.ts";
import { readColumn } from "./read-columns.ts";
import { writeDictionary } from "./text-builder.ts";

/** A text column from codes; what enrichment adds. Key 0 must be the empty text. */
export function textColumn(path: string, codes: Codes): TextColumn {
  const out = new ByteWriter(codes.index.length * 2 + 1024);
  writeDictionary(codes.keys, codes.index, out);
  return readColumn(path, "dict", out.view(), codes.index.length) as TextColumn;
}

/** A number column from a function of the row; undefined leaves the row empty. Times are milliseconds since 1970. */
export function numberColumn(
  path: string,
  encoding: "u32" | "u64" | "f64" | "time",
  rows: number,
  value: (row: number) => number | string | undefined,
): NumberColumn {
  const builder = new NumberBuilder(encoding);
  for (let row = 0; row < rows; row++) {
    const known = value(row);
    if (known !== undefined) builder.add(row, known);
  }
  const out = new ByteWriter(rows * 8);
  builder.finish(rows, out);
  return readColumn(path, encoding, out.view(), rows) as NumberColumn;
}

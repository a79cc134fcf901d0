import { z } from "zod";
import { compileSource, compileTarget, type RunStep, readSourceText } from "./step.ts";
import { where } from "./where.ts";

/** Splits a line of separated values (RFC 4180). The number of columns may vary. */
export const csv = z
  .strictObject({
    source: z.string().default("raw").describe("Path of the text to split."),
    separator: z
      .string()
      .regex(/^[^"\r\n]$/u, "one character, not a quote")
      .default(",")
      .describe("One character between two columns."),
    headers: z
      .array(z.string())
      .min(1)
      .max(1024)
      .describe("Field of each column; empty for a column to skip."),
    where,
  })
  .describe("Splits a line of separated values (RFC 4180). The number of columns may vary.");

/** Reads the columns of the record that begins at an offset, at most so many, and returns where it ends. */
function readRecord(text: string, start: number, separator: string, most: number, columns: string[]): number {
  let at = start;
  let lineEnd = -1;
  for (;;) {
    let value = "";
    if (text[at] === '"') {
      at++;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0) throw new Error("A quoted column is not closed.");
        value += text.slice(at, quote);
        const next = text[quote + 1];
        at = quote + 1;
        if (next === undefined || next === "\n" || next === "\r" || text.startsWith(separator, at)) break;
        value += '"';
        if (next === '"') at++;
      }
    }
    if (lineEnd < at) {
      const found = text.indexOf("\n", at);
      lineEnd = found < 0 ? text.length : found;
    }
    const separatorAt = text.indexOf(separator, at);
    const last = separatorAt < 0 || separatorAt > lineEnd;
    const end = last ? lineEnd : separatorAt;
    value += text.slice(at, end);
    columns.push(last ? value.replace(/\r$/, "") : value);
    if (last || columns.length >= most) return lineEnd;
    at = end + separator.length;
  }
}

/** The columns of the first record. A quote inside an unquoted column stands for itself. */
export function splitRecord(text: string, separator: string, most: number): string[] {
  const columns: string[] = [];
  readRecord(text, 0, separator, most, columns);
  return columns;
}

const MAX_COLUMNS = 1024;

/** The records of a whole file, at most so many. */
export function splitRecords(text: string, separator: string, most: number): string[][] {
  const records: string[][] = [];
  for (let at = 0; at < text.length && records.length <= most; ) {
    const columns: string[] = [];
    at = readRecord(text, at, separator, MAX_COLUMNS, columns) + 1;
    records.push(columns);
  }
  return records;
}

export function compileCsv({ source, separator, headers }: z.infer<typeof csv>): RunStep {
  const path = compileSource(source, ["source"]);
  const targets = headers.map((name, index) =>
    name === "" ? undefined : compileTarget(name, ["headers", index]),
  );
  return ({ root }) => {
    const columns = splitRecord(readSourceText(root, path), separator, targets.length);
    for (let index = 0; index < columns.length; index++) targets[index]?.write(root, columns[index]);
    return undefined;
  };
}

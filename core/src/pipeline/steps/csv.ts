import { z } from "zod";
import { compileSource, compileTarget, type RunStep, readSourceText } from "./step.ts";
import { where } from "./where.ts";

/** Splits a line of separated values (RFC 4180). The number of columns may vary. */
export const csv = z.strictObject({
  source: z.string().default("raw").describe("Path of the text to split."),
  separator: z
    .string()
    .regex(/^[^"\r\n]$/u, "one character, not a quote")
    .default(",")
    .describe("One character between two columns."),
  headers: z.array(z.string()).min(1).max(1024).describe("Field of each column; empty for a column to skip."),
  where,
});

/** The columns of the first record. A quote inside an unquoted column stands for itself. */
export function splitRecord(text: string, separator: string, most: number): string[] {
  const columns: string[] = [];
  let at = 0;
  while (columns.length < most) {
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
    const separatorAt = text.indexOf(separator, at);
    const lineEnd = text.indexOf("\n", at);
    const end = [separatorAt, lineEnd].filter((place) => place >= 0).sort((a, b) => a - b)[0] ?? text.length;
    value += text.slice(at, end);
    columns.push(end === lineEnd || end === text.length ? value.replace(/\r$/, "") : value);
    if (end !== separatorAt || separatorAt < 0) break;
    at = end + separator.length;
  }
  return columns;
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

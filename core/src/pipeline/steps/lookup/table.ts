import { readFileSync, statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { messageOf } from "@vedette/sdk";
import { ConfigError, parseSource } from "../../../config/index.ts";
import { splitRecords } from "../csv.ts";

/** Most entries of one table. */
export const MAX_ENTRIES = 100_000;
/** Largest file of a table. */
export const MAX_TABLE_BYTES = 16 * 1024 * 1024;

/** What a key stands for: one value, or values by field. */
export type Entry = unknown;

function csvEntries(text: string): [string, Entry][] {
  const [header, ...records] = splitRecords(text, ",", MAX_ENTRIES + 1);
  if (!header || header.length < 2) throw new Error("its first line names no key and at least one field");
  const fields = header.slice(1).map((name) => name.trim());
  return records
    .filter((record) => record.length > 1 || record[0] !== "")
    .map(([key = "", ...values]) => [
      key.trim(),
      Object.fromEntries(fields.map((field, index) => [field, values[index]]).filter(([, value]) => value)),
    ]);
}

/**
 * Reads a table from a CSV file (key first, a field in each other column, their names in the first line) or from a map in
 * JSON or YAML. The path is taken from the folder of the pipeline file. Throws an Error with the reason.
 */
export function readTable(file: string, pipelineFile: string): [string, Entry][] {
  const path = resolve(dirname(pipelineFile), file);
  const { size } = statSync(path);
  if (size > MAX_TABLE_BYTES) throw new Error(`it has ${size} bytes, the limit is ${MAX_TABLE_BYTES}`);
  const text = readFileSync(path, "utf8").replace(/^\ufeff/, "");
  const kind = extname(path).toLowerCase();
  if (kind === ".csv") return csvEntries(text);
  let value: unknown;
  try {
    value = kind === ".json" ? JSON.parse(text) : parseSource(text, path).value;
  } catch (error) {
    throw new Error(error instanceof ConfigError ? (error.problems[0]?.message ?? "") : messageOf(error), {
      cause: error,
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it holds no map");
  return Object.entries(value);
}

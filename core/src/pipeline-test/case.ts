import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import { parseSource, readSource, requireConfig } from "../config/index.ts";

/** When every line of a case was read, unless it says otherwise; lines without a year or a date get theirs from it. */
export const READ_AT = "2026-01-15T12:00:00Z";

const MAX_DEPTH = 12;
const MAX_FOLDERS = 20_000;
const skipped = new Set(["node_modules", "dist", "target"]);

/** What a `case.yaml` may say. */
const settings = z.strictObject({
  dataType: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("Data type of the lines; the first one of the pipeline when left out."),
  time: z.iso
    .datetime({ offset: true })
    .default(READ_AT)
    .describe("When the lines were read, RFC 3339: `@timestamp` of every event."),
});

/** A folder with lines and the events that they must become. */
export interface PipelineCase {
  readonly folder: string;
  /** The folder's own name. */
  readonly name: string;
  readonly dataType: string | undefined;
  readonly time: string;
  readonly lines: readonly string[];
  /** undefined where nothing is written down yet. */
  readonly expected: readonly Record<string, unknown>[] | undefined;
  /** Where the lines come from, in words. */
  readonly readme: string;
  /** The pipeline of its own, or the nearest above it; undefined asks for a built-in one. */
  readonly pipeline: string | undefined;
}

const read = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
const linesOf = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));
const isPipelineCase = (folder: string): boolean =>
  existsSync(join(folder, "lines.log")) && !existsSync(join(folder, "detection.json"));

/** The folders at or below a path that are cases, sorted; by default those with a `lines.log` that prove no rule. */
export function findCases(path: string, isCase: (folder: string) => boolean = isPipelineCase): string[] {
  const found: string[] = [];
  let seen = 0;
  const below = (folder: string, depth: number): void => {
    if (isCase(folder)) found.push(folder);
    if (depth >= MAX_DEPTH || ++seen > MAX_FOLDERS) return;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !entry.name.startsWith(".") && !skipped.has(entry.name))
        below(join(folder, entry.name), depth + 1);
    }
  };
  below(resolve(path), 0);
  return found.sort();
}

/** The `pipeline.yaml` of a folder, or the nearest above it. */
export function pipelineAbove(folder: string): string | undefined {
  const file = join(folder, "pipeline.yaml");
  if (existsSync(file)) return file;
  const parent = dirname(folder);
  return parent === folder ? undefined : pipelineAbove(parent);
}

function events(folder: string): Record<string, unknown>[] | undefined {
  const text = read(join(folder, "expected.ndjson"));
  if (text === "") return undefined;
  return linesOf(text).map((line, index) => {
    try {
      return JSON.parse(line) as Record<string, unknown>;
    } catch (error) {
      throw new Error(`expected.ndjson:${index + 1} is no JSON: ${messageOf(error)}`, { cause: error });
    }
  });
}

/** Reads a case. Throws a `ConfigError` for a bad `case.yaml`, an Error for an `expected.ndjson` that is no JSON. */
export function readCase(folder: string): PipelineCase {
  const file = join(folder, "case.yaml");
  const source = existsSync(file) ? readSource(file) : parseSource("{}", file);
  const { dataType, time } = requireConfig(settings, source);
  return {
    folder,
    name: basename(folder),
    dataType,
    time,
    lines: linesOf(read(join(folder, "lines.log"))),
    expected: events(folder),
    readme: read(join(folder, "README.md")),
    pipeline: pipelineAbove(folder),
  };
}

/** Writes what was found as what is expected. */
export const saveCase = ({ folder }: PipelineCase, found: readonly Record<string, unknown>[]): void =>
  writeFileSync(join(folder, "expected.ndjson"), found.map((each) => `${JSON.stringify(each)}\n`).join(""));

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseSource, readSource, requireConfig } from "@vedette/core/config";
import { findCases } from "@vedette/core/pipeline-test";
import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import type { VisibleAlert } from "./prove.ts";

/** When the lines of a case were read, unless it says otherwise; lines without a year get theirs from it. */
const readAt = "2026-01-31T00:00:00Z";
const text = z.string().min(1).max(1_000);

/** What `detection.json` may say. */
const declaration = z.strictObject({
  rule: z
    .union([text, z.array(text).min(1).max(100)])
    .describe("The rule files that the folder proves, from it or from a folder above it."),
  dataType: z
    .union([text, z.array(text).min(1).max(100)])
    .optional()
    .describe("What lines are read as. Several where each line begins with its own, as `sshd| Jan 10 …`."),
  pipeline: text
    .optional()
    .describe(
      "What reads the lines, from the folder or from one above it; else pipeline.yaml there, or a built-in one.",
    ),
  countries: z
    .record(text, text)
    .default({})
    .describe("Countries of addresses of origin, as enrichment would add them."),
  also: z
    .record(text, text)
    .default({})
    .describe(
      "Other rules that find something in these lines too, by id, with the reason why that is right.",
    ),
  time: z.iso.datetime({ offset: true }).default(readAt).describe("When the lines were read, RFC 3339."),
});

/** How the lines of a case become events. */
export type Reading = Pick<z.infer<typeof declaration>, "dataType" | "countries" | "time">;

/** Lines of a case: logs that a pipeline reads, and events as they are. */
export interface CaseInput {
  readonly lines: readonly string[];
  readonly events: readonly string[];
}

/** A folder that proves rules: lines that raise them, the exact alerts, lines that must raise nothing. */
export interface DetectionCase extends z.infer<typeof declaration> {
  readonly folder: string;
  readonly name: string;
  readonly readme: string;
  readonly loud: CaseInput;
  readonly quiet: CaseInput;
  /** undefined where nothing is written down yet. */
  readonly expected: readonly VisibleAlert[] | undefined;
}

const declarationFile = "detection.json";
const expectedFile = "expected.json";

const read = (folder: string, file: string): string => {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
};
const linesOf = (content: string): string[] => content.split("\n").filter((line) => line !== "");

/** Folders with a `detection.json` at or below a path, sorted. */
export const findDetections = (path: string): string[] =>
  findCases(path, (folder) => existsSync(join(folder, declarationFile)));

/** Reads a case. Throws a `ConfigError` for a bad `detection.json`, an Error for an `expected.json` that is no list. */
export function readDetection(folder: string): DetectionCase {
  const file = join(folder, declarationFile);
  const source = existsSync(file) ? readSource(file) : parseSource("{}", file);
  const input = (logs: string, events: string): CaseInput => ({
    lines: linesOf(read(folder, logs)),
    events: linesOf(read(folder, events)),
  });
  return {
    ...requireConfig(declaration, source),
    folder,
    name: basename(folder),
    readme: read(folder, "README.md"),
    loud: input("lines.log", "events.ndjson"),
    quiet: input("quiet.log", "quiet.ndjson"),
    expected: expectedIn(folder),
  };
}

function expectedIn(folder: string): readonly VisibleAlert[] | undefined {
  const content = read(folder, expectedFile);
  if (content.trim() === "") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new Error(`${expectedFile} is no JSON: ${messageOf(error)}`, { cause: error });
  }
  const isAlert = (each: unknown) => typeof each === "object" && each !== null && !Array.isArray(each);
  if (!Array.isArray(value) || !value.every(isAlert))
    throw new Error(`${expectedFile} is no list of alerts.`);
  return value as VisibleAlert[];
}

/** Writes what was found as what is expected. */
export const saveDetection = ({ folder }: DetectionCase, found: readonly VisibleAlert[]): void =>
  writeFileSync(join(folder, expectedFile), `${JSON.stringify(found, null, 2)}\n`);

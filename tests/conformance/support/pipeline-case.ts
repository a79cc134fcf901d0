import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadPipelines, type PipelineSet } from "@vedette/core/pipeline";
import { type AnyPlugin, type Event, event as eventSchema } from "@vedette/sdk";
import { diffEvents } from "./event-diff.ts";
import { pluginsFolder } from "./plugin-list.ts";

/** When every line of a case was read; lines without a year or a date get theirs from here. */
export const READ_AT = "2026-01-15T12:00:00Z";

/** A folder `plugins/<id>/tests/<case>`: lines, the events they must become, and where the lines come from. */
export interface PipelineCase {
  readonly name: string;
  readonly dataType: string;
  readonly readme: string;
  readonly lines: readonly string[];
  readonly expected: readonly Record<string, unknown>[] | undefined;
  readonly save: (events: readonly Record<string, unknown>[]) => void;
}

const read = (file: URL): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
const linesOf = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

export function casesOf(folder: string, plugin: AnyPlugin): PipelineCase[] {
  const tests = new URL(`${folder}/tests/`, pluginsFolder);
  if (!existsSync(tests)) return [];
  return readdirSync(tests).map((name) => {
    const file = (part: string) => new URL(`${name}/${part}`, tests);
    const expected = read(file("expected.ndjson"));
    return {
      name,
      dataType: plugin.parse?.dataTypes[0] ?? "",
      readme: read(file("README.md")),
      lines: linesOf(read(file("lines.log"))),
      expected:
        expected === ""
          ? undefined
          : linesOf(expected).map((line) => JSON.parse(line) as Record<string, unknown>),
      save: (events) =>
        writeFileSync(file("expected.ndjson"), events.map((each) => `${JSON.stringify(each)}\n`).join("")),
    };
  });
}

export const pipelinesOf = (plugin: AnyPlugin): PipelineSet => loadPipelines(plugin.parse?.pipelines ?? []);

/** The event of a line, or undefined where the pipeline drops it. Throws when it does not fit the schema. */
export function parseLine(set: PipelineSet, dataType: string, raw: string): Event | undefined {
  const log = { id: "line", dataType, dataSource: "test", "@timestamp": READ_AT, raw };
  const outcome = set.process(log);
  return outcome.kind === "event" ? eventSchema.parse(outcome.event) : undefined;
}

/** True when a pipeline understood the line: no errors, and not left as it was. */
export const isParsed = (event: Event | undefined): boolean =>
  event !== undefined && event.errors === undefined && event.eventType !== "system.unparsed";

/** What a case writes down of an event: what the pipeline found, not what every event has. */
export function visible(event: Event | undefined): Record<string, unknown> {
  if (!event) return { dropped: true };
  const {
    id,
    raw,
    dataType,
    dataSource,
    tenantId,
    tenantName,
    "@timestamp": read,
    deviceTime,
    ...found
  } = event;
  return deviceTime === READ_AT ? found : { deviceTime, ...found };
}

/** Problems of a case as lines for people; empty when every line becomes what is expected. */
export function caseProblems(
  found: readonly Record<string, unknown>[],
  { lines, expected = [] }: PipelineCase,
): string[] {
  const problems = lines.flatMap((line, index) => {
    const differences = diffEvents(expected[index], found[index]);
    return differences.length === 0 ? [] : [`line ${index + 1}: ${JSON.stringify(line)}`, ...differences];
  });
  if (expected.length > lines.length)
    problems.push(`${expected.length - lines.length} events are expected beyond the last line.`);
  return problems;
}

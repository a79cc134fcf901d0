import { type Event, event as eventSchema, type Log } from "@vedette/sdk";
import type { PipelineSet } from "../pipeline/index.ts";
import type { PipelineCase } from "./case.ts";
import { type Difference, diffEvents } from "./event-diff.ts";
import { compiled, inBlocks, interpreted, type Row } from "./twins.ts";

/** A line that did not become what was expected. */
export interface Failure {
  /** From 1; behind the last line for an event that no line is left for. */
  readonly line: number;
  readonly raw: string | undefined;
  readonly differences: readonly Difference[];
  /** True where the compiled pipeline, found, says something else than the interpreted one, expected: a fault of ours. */
  readonly compiled?: true;
}

export interface CaseResult {
  /** What each line became, as it is written down. */
  readonly found: readonly Record<string, unknown>[];
  readonly failures: readonly Failure[];
}

const logOf = (dataType: string, raw: string, time: string): Log => ({
  id: "line",
  dataType,
  dataSource: "test",
  "@timestamp": time,
  raw,
});

/** The event of a line, or undefined where the pipeline drops it. Throws when it does not fit the event schema. */
export function parseLine(set: PipelineSet, dataType: string, raw: string, time: string): Event | undefined {
  const outcome = set.process(logOf(dataType, raw, time));
  return outcome.kind === "event" ? eventSchema.parse(outcome.event) : undefined;
}

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
    "@timestamp": time,
    deviceTime,
    ...found
  } = event;
  return deviceTime === time ? found : { deviceTime, ...found };
}

/**
 * Runs every line of a case and compares, then the compiled form with the interpreted one. Nothing expected yet is a
 * failure of every line.
 */
export function runCase(test: PipelineCase, set: PipelineSet, dataType: string): CaseResult {
  const { lines, expected = [], time } = test;
  const found = lines.map((line) => visible(parseLine(set, dataType, line, time)));
  const failures: Failure[] = [];
  for (let index = 0; index < Math.max(lines.length, expected.length); index++) {
    const differences = diffEvents(expected[index], found[index]);
    if (differences.length > 0 || index >= lines.length)
      failures.push({ line: index + 1, raw: lines[index], differences });
  }
  return { found, failures: [...failures, ...compiledFailures(test, set, dataType)] };
}

const fieldsOf = (row: Row | undefined): Record<string, unknown> | undefined =>
  typeof row === "string" ? { dropped: row } : row;

/** Lines that the compiled pipeline, which agents run, reads otherwise than the interpreter, one by one or many at once. */
function compiledFailures({ lines, time }: PipelineCase, set: PipelineSet, dataType: string): Failure[] {
  const logs = lines.map((raw) => logOf(dataType, raw, new Date(time).toISOString()));
  const slow = interpreted(set, logs);
  const together = inBlocks(set, logs);
  return compiled(set, logs).flatMap((row, index): Failure[] => {
    const wanted = fieldsOf(slow[index]);
    const alone = diffEvents(wanted, fieldsOf(row));
    const differences = alone.length > 0 ? alone : diffEvents(wanted, fieldsOf(together[index]));
    return differences.length === 0
      ? []
      : [{ line: index + 1, raw: lines[index], differences, compiled: true }];
  });
}

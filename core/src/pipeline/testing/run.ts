import type { Event, Log } from "@vedette/sdk";
import { parseSource } from "../../config/index.ts";
import { compilePipelines } from "../load.ts";
import type { Outcome } from "../runner.ts";

/** The log that tests process unless they say otherwise. */
export const testLog: Log = {
  id: "id-1",
  dataType: "test",
  dataSource: "host-1",
  "@timestamp": "2026-10-10T12:00:00Z",
  raw: "",
};

/** Runs steps, written as the YAML list of a stage, over one line. */
export function process(steps: string, raw: string, log: Partial<Log> = {}): Outcome {
  const indented = steps.trim().replace(/^/gm, "      ");
  const yaml = `pipeline:\n  - dataTypes: [test]\n    steps:\n${indented}\n`;
  return compilePipelines([parseSource(yaml, "test.yaml")]).process({ ...testLog, raw, ...log });
}

/** What steps made of a line: the event without what every event has. */
export function parsed(steps: string, raw: string, log: Partial<Log> = {}): Partial<Event> {
  const outcome = process(steps, raw, log);
  if (outcome.kind === "dropped") throw new Error(`The log was dropped: ${outcome.reason}.`);
  const own = new Set(["id", "@timestamp", "dataType", "dataSource", "tenantId", "tenantName", "raw"]);
  const entries = Object.entries(outcome.event).filter(
    ([key, value]) => !own.has(key) && !(key === "deviceTime" && value === testLog["@timestamp"]),
  );
  return Object.fromEntries(entries);
}

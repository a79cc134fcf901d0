import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createDetector, type Detector, loadRules } from "@vedette/collector";
import { loadPipelines, type PipelineSet } from "@vedette/core/pipeline";
import { type Alert, type Event, event as eventSchema } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";

const root = new URL("../../../", import.meta.url);
const folder = new URL("../", import.meta.url);

/** What `detection.json` says: which rule file, and whose pipelines read the lines. Paths from the root of the project. */
interface Declaration {
  readonly rule: string;
  readonly pipeline: string;
  readonly dataType: string;
}

/** A folder that proves a rule: lines that raise it, the exact alerts, lines that must raise nothing. */
export interface Detection extends Declaration {
  readonly name: string;
  readonly readme: string;
  readonly lines: readonly string[];
  readonly quiet: readonly string[];
  readonly expected: unknown;
  readonly expectedFile: URL;
}

const read = (name: string, file: string): string => {
  const path = new URL(`${name}/${file}`, folder);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
};
const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");

export const detections: readonly Detection[] = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/detection.json`, folder)))
  .map(({ name }) => ({
    name,
    ...(JSON.parse(read(name, "detection.json")) as Declaration),
    readme: read(name, "README.md"),
    lines: linesOf(read(name, "lines.log")),
    quiet: linesOf(read(name, "quiet.log")),
    expected: JSON.parse(read(name, "expected.json") || "null") as unknown,
    expectedFile: new URL(`${name}/expected.json`, folder),
  }));

const pipelines = new Map<string, PipelineSet>();

/** The events of lines, read at the moment that each one names: as a live agent would have read them. */
export function eventsOf(
  { pipeline, dataType }: Pick<Declaration, "pipeline" | "dataType">,
  lines: readonly string[],
): Event[] {
  const set = pipelines.get(pipeline) ?? loadPipelines([new URL(pipeline, root)]);
  pipelines.set(pipeline, set);
  return lines.map((raw, index) => {
    const log = {
      id: `line-${index + 1}`,
      dataType,
      dataSource: "test",
      "@timestamp": "2026-01-31T00:00:00Z",
      raw,
    };
    const outcome = set.process(log);
    if (outcome.kind !== "event") throw new Error(`The pipeline dropped ${JSON.stringify(raw)}.`);
    const { deviceTime } = outcome.event;
    return eventSchema.parse({ ...outcome.event, "@timestamp": deviceTime });
  });
}

/** A detector that runs the rules of files. Throws where one of them does not load. */
export function detectorOf(files: readonly URL[]): Detector {
  const { rules, problems } = loadRules(files);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return createDetector({
    rules,
    deps: { clock: manualClock(Date.UTC(2026, 0, 31)), log: recordingLogger() },
  });
}

/** The alerts that one rule raises for lines. */
export function alertsOf(detection: Declaration, lines: readonly string[]): Alert[] {
  const detector = detectorOf([new URL(detection.rule, root)]);
  const alerts = eventsOf(detection, lines).flatMap((each) => [...detector.processEvent(each)]);
  const failed = detector.stats().rules.filter((rule) => rule.errors > 0);
  if (failed.length > 0) throw new Error(`The rule failed: ${JSON.stringify(failed)}`);
  return alerts;
}

/** What a detection writes down of an alert: who, what, how bad, and which lines made it. */
export function visible({
  name,
  ruleId,
  severity,
  impactScore,
  technique,
  adversary,
  target,
  events = [],
}: Alert) {
  const { geolocation: _, ...who } = adversary ?? {};
  return {
    name,
    ruleId,
    severity,
    impactScore,
    technique,
    adversary: who,
    target,
    events: events.map((each) => each.id),
  };
}

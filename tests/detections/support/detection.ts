import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { PipelineSet } from "@vedette/core/pipeline";
import { type Event, event as eventSchema } from "@vedette/sdk";
import { pipelinesOf } from "../../conformance/support/plugin-cases.ts";
import { allPlugins } from "../../conformance/support/plugin-list.ts";

const folder = new URL("../", import.meta.url);

/** What `detection.json` says. */
interface Declaration {
  /** The rule file that the folder proves, from the root of the project. */
  readonly rule: string;
  /** What the lines are read as. Several, where each line begins with its own, as `sshd| Jan 10 …`. */
  readonly dataType: string | readonly string[];
  /** Countries of addresses, as enrichment would add them. */
  readonly countries?: Readonly<Record<string, string>>;
  /** Other shipped rules that find something in these lines too, by id, with the reason why that is right. */
  readonly also?: Readonly<Record<string, string>>;
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

function pipelinesFor(dataType: string): PipelineSet {
  let set = pipelines.get(dataType);
  if (set === undefined) {
    const owner = allPlugins.find(({ plugin }) => plugin.parse?.dataTypes.includes(dataType));
    if (owner === undefined) throw new Error(`No plugin parses ${JSON.stringify(dataType)}.`);
    set = pipelinesOf(owner.plugin);
    pipelines.set(dataType, set);
  }
  return set;
}

/** The text of a line and what it is read as. */
function readAs(dataType: Declaration["dataType"], line: string): { raw: string; dataType: string } {
  if (typeof dataType === "string") return { raw: line, dataType };
  const [, type = "", raw = ""] = /^([\w-]+)\| (.*)$/.exec(line) ?? [];
  if (!dataType.includes(type)) throw new Error(`Which data type is ${JSON.stringify(line)}?`);
  return { raw, dataType: type };
}

/** The events of lines, read at the moment that each one names: as a live agent would have read them. */
export function eventsOf(declaration: Omit<Declaration, "rule">, lines: readonly string[]): Event[] {
  return lines.map((line, index) => {
    const { raw, dataType } = readAs(declaration.dataType, line);
    const outcome = pipelinesFor(dataType).process({
      id: `line-${index + 1}`,
      dataType,
      dataSource: "test",
      "@timestamp": "2026-01-31T00:00:00Z",
      raw,
    });
    if (outcome.kind !== "event") throw new Error(`The pipeline dropped ${JSON.stringify(raw)}.`);
    const { deviceTime, origin } = outcome.event;
    const countryCode = declaration.countries?.[origin?.ip ?? ""];
    const placed = countryCode === undefined ? {} : { origin: { ...origin, geolocation: { countryCode } } };
    return eventSchema.parse({ ...outcome.event, ...placed, "@timestamp": deviceTime });
  });
}

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadPipelines, type PipelineSet } from "@vedette/core/pipeline";
import {
  findCases,
  type PipelineCase,
  parseLine as parse,
  READ_AT,
  readCase,
} from "@vedette/core/pipeline-test";
import type { AnyPlugin, Event } from "@vedette/sdk";
import { pluginsFolder } from "./plugin-list.ts";

/** A case of a plugin, with the data type it is run as. */
export type PluginCase = PipelineCase & { readonly dataType: string };

/** The cases below `plugins/<folder>/tests`. */
export function casesOf(folder: string, plugin: AnyPlugin): PluginCase[] {
  const tests = fileURLToPath(new URL(`${folder}/tests/`, pluginsFolder));
  if (!existsSync(tests)) return [];
  return findCases(tests).map((each) => {
    const test = readCase(each);
    return { ...test, dataType: test.dataType ?? plugin.parse?.dataTypes[0] ?? "" };
  });
}

export const pipelinesOf = (plugin: AnyPlugin): PipelineSet => loadPipelines(plugin.parse?.pipelines ?? []);

/** The event of a line, or undefined where the pipeline drops it. Throws when it does not fit the schema. */
export const parseLine = (set: PipelineSet, dataType: string, raw: string): Event | undefined =>
  parse(set, dataType, raw, READ_AT);

/** True when a pipeline understood the line: no errors, and not left as it was. */
export const isParsed = (event: Event | undefined): boolean =>
  event !== undefined && event.errors === undefined && event.eventType !== "system.unparsed";

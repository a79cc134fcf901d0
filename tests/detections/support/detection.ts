import { fileURLToPath } from "node:url";
import type { PipelineSet } from "@vedette/core/pipeline";
import { findDetections, type PipelinesFor, readDetection } from "../../../cli/src/rules/test/index.ts";
import { pipelinesOf } from "../../conformance/support/plugin-cases.ts";
import { allPlugins } from "../../conformance/support/plugin-list.ts";

/** Every folder that proves a shipped rule; `vedette rules test` runs them too. */
export const detections = findDetections(fileURLToPath(new URL("../", import.meta.url))).map(readDetection);

const pipelines = new Map<string, PipelineSet>();

/** The pipelines of the plugin that parses a data type, the template's too. */
export const pipelinesFor: PipelinesFor = (dataType) => {
  let set = pipelines.get(dataType);
  if (set === undefined) {
    const owner = allPlugins.find(({ plugin }) => plugin.parse?.dataTypes.includes(dataType));
    if (owner === undefined) throw new Error(`No plugin parses ${JSON.stringify(dataType)}.`);
    set = pipelinesOf(owner.plugin);
    pipelines.set(dataType, set);
  }
  return set;
};

import type { Log } from "@vedette/sdk";
import { parseSource } from "../../../config/index.ts";
import { compilePipelines } from "../../load.ts";
import type { PipelineSet } from "../../runner.ts";

/** The pipeline of the data type `test` with these steps, in YAML's flow form. */
export const load = (steps: string): PipelineSet =>
  compilePipelines([parseSource(`pipeline: [{dataTypes: [test], steps: [${steps}]}]`, "p.yaml")]);

/** A log of that type for each line. */
export const logsOf = (lines: readonly string[]): Log[] =>
  lines.map((raw, index) => ({
    id: `id-${index}`,
    dataType: "test",
    dataSource: "host-1",
    "@timestamp": "2026-03-01T00:00:10.000Z",
    raw,
  }));

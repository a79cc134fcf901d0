import type { Log } from "@vedette/sdk";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseSource } from "../../config/index.ts";
import { compilePipelines } from "../load.ts";
import type { PipelineSet } from "../runner.ts";
import { lines, pipelines } from "./testing/arbitrary.ts";
import { compiled, interpreted } from "./testing/twins.ts";

const runs = Number(process.env.VEDETTE_TWINS ?? 400);

const logOf = (raw: string, index: number): Log => {
  const log: Log = {
    id: `id-${index}`,
    dataType: "test",
    dataSource: index % 3 === 0 ? "" : "host-1",
    "@timestamp": `2026-10-10T12:00:0${index % 10}.000Z`,
    raw,
  };
  return index % 4 === 0 ? { ...log, tenantId: "other" } : log;
};

const counters = (set: PipelineSet) => set.steps.map((step) => step.counters);

it("a compiled pipeline says what the interpreter says", () => {
  fc.assert(
    fc.property(pipelines, fc.array(lines, { minLength: 1, maxLength: 8 }), (yaml, raws) => {
      let slow: PipelineSet;
      try {
        slow = compilePipelines([parseSource(yaml, "p.yaml")]);
      } catch {
        return;
      }
      const fast = compilePipelines([parseSource(yaml, "p.yaml")]);
      const logs = raws.map(logOf);
      expect(compiled(fast, logs)).toEqual(interpreted(slow, logs));
      expect(counters(fast)).toEqual(counters(slow));
      expect(fast.conversion).toEqual(slow.conversion);
    }),
    { numRuns: runs },
  );
}, 600_000);

import type { Log } from "@vedette/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSource } from "../../config/index.ts";
import { compilePipelines } from "../load.ts";
import type { PipelineSet } from "../runner.ts";
import { cuts, flatJson, lines, pipelines, shreds } from "./testing/arbitrary.ts";
import { compiled, inBlocks, interpreted } from "./testing/twins.ts";

/** Cases of each property; many more are run by hand after a change. */
const runs = Number(process.env.VEDETTE_TWINS ?? 200);

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

const sameFor = (yaml: fc.Arbitrary<string>, raws: fc.Arbitrary<string[]>, numRuns: number): void =>
  fc.assert(
    fc.property(yaml, raws, (text, given) => {
      const load = (): PipelineSet => compilePipelines([parseSource(text, "p.yaml")]);
      let slow: PipelineSet;
      try {
        slow = load();
      } catch {
        // A pipeline that is refused is no case.
        return;
      }
      const fast = load();
      const logs = given.map(logOf);
      const expected = interpreted(slow, logs);
      expect(compiled(fast, logs)).toEqual(expected);
      // The second time automata know the lines, so that the kernel has a say.
      const again = load();
      compiled(again, logs, true);
      expect(compiled(again, logs, true)).toEqual(expected);
      expect(counters(fast)).toEqual(counters(slow));
      expect(fast.conversion).toEqual(slow.conversion);
      // Many lines at once, of which some are left to the program.
      const same = given.map((raw, index): Log => ({ ...logOf(raw, 1), id: `id-${index}` }));
      const alone = load();
      const block = load();
      const wanted = interpreted(alone, same);
      expect(inBlocks(block, same)).toEqual(wanted);
      expect(counters(block)).toEqual(counters(alone));
      expect(inBlocks(block, same)).toEqual(wanted);
      expect(block.conversion.unfit).toBe(alone.conversion.unfit * 2);
    }),
    { numRuns },
  );

describe("a compiled pipeline says what the interpreter says", { timeout: 600_000 }, () => {
  it("of any steps", () => {
    sameFor(pipelines, fc.array(lines, { minLength: 1, maxLength: 8 }), runs);
  });

  it("of one grok that cuts without an expression", () => {
    sameFor(cuts, fc.array(shreds, { minLength: 20, maxLength: 40 }), runs);
  });

  it("of JSON that is mostly flat", () => {
    const steps = [
      "{json: {source: raw}}",
      "{rename: {from: [log.a], to: action}}",
      "{cast: {fields: [log.b], to: int}}",
      "{rename: {from: [log.c, log.statusCode], to: deviceTime}}",
      '{add: {function: string, params: {key: severity, value: low}, where: "startsWith(\\"log.c\\", \\"1\\")"}}',
      "{trim: {function: space, fields: [log.useragent]}}",
      "{kv: {source: log.c, fieldSplit: ' ', valueSplit: '='}}",
    ];
    const some = fc
      .subarray(steps.slice(1))
      .map((list) => `pipeline: [{dataTypes: [test], steps: [${[steps[0], ...list].join(", ")}]}]`);
    // Each again, and nearly again: what has the keys of the one before is read another way.
    const again = (line: string): string[] => [line, line, line.replace(/(\w)([",}])/, "$17$2"), line];
    const objects = fc.array(flatJson, { minLength: 5, maxLength: 15 }).map((list) => list.flatMap(again));
    sameFor(some, objects, runs);
  });

  it("asks again behind a step that took away what was asked for", () => {
    const steps = [
      "{grok: {patterns: [{fieldName: log.a, pattern: '.*'}]}}",
      `{delete: {fields: [log.a], where: 'exists("log.a")'}}`,
      `{add: {function: string, params: {key: log.b, value: x}, where: 'exists("log.a")'}}`,
    ];
    sameFor(
      fc.constant(`pipeline: [{dataTypes: [test], steps: [${steps.join(", ")}]}]`),
      fc.constant(["some", "lines"]),
      1,
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRules } from "./index.ts";
import { events, expressions } from "./testing/arbitrary.ts";
import { at, batchFrom } from "./testing/events.ts";
import { naiveTriggers } from "./testing/reference.ts";
import { detectorFor, triggers } from "./testing/run.ts";

const rulesYaml = (wheres: readonly string[]): string =>
  JSON.stringify(wheres.map((where, i) => ({ name: `rule ${i}`, dataTypes: ["test"], where })));

describe("the fast evaluator", () => {
  it("finds exactly what the naive one finds, and switches off the same rules at the same events", () => {
    let matches = 0;
    fc.assert(
      fc.property(
        fc.array(expressions, { minLength: 1, maxLength: 8 }),
        events("test", 30),
        (wheres, list) => {
          const yaml = rulesYaml(
            wheres.filter((where) => parseRules(rulesYaml([where])).problems.length === 0),
          );
          const batch = batchFrom(list);
          const rows = list.map((_, row) => batch.event(row));
          const expected = naiveTriggers(parseRules(yaml).rules, rows);
          matches += expected.length;
          expect(triggers(detectorFor(yaml).detector.process(batch))).toEqual(expected);
          const { detector } = detectorFor(yaml);
          expect(triggers(rows.flatMap((event) => detector.processEvent(event)))).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
    // The generators must hit; a test of quiet rules proves nothing.
    expect(matches).toBeGreaterThan(500);
  });

  it("tells an empty text from an absent value where a batch holds both", () => {
    const values = ["", undefined, "a"];
    const plain = batchFrom(values.map((_, i) => ({ id: `e${i}`, "@timestamp": at(i), dataType: "test" })));
    const batch = plain.with([
      {
        kind: "dynamic",
        path: "log.x",
        rows: 3,
        types: ["String"],
        native: new Uint8Array(),
        value: (row) => values[row],
        has: (row) => values[row] !== undefined,
        texts: () => undefined,
        codes: () => ({ keys: ["", "a"], index: Uint8Array.of(0, 0, 1) }),
      },
    ]);
    const yaml = rulesYaml(['exists("log.x")', '!exists("log.x")', 'equals("log.x", "a")']);
    expect(triggers(detectorFor(yaml).detector.process(batch))).toEqual([
      "rule 0: e0",
      "rule 1: e1",
      "rule 0: e2",
      "rule 2: e2",
    ]);
  });
});

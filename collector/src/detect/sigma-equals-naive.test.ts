import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDetector, Matcher, parseRules } from "./index.ts";
import { events } from "./testing/arbitrary.ts";
import { batchFrom, start } from "./testing/events.ts";
import { naiveTriggers } from "./testing/reference.ts";
import { triggers } from "./testing/run.ts";
import { sigmaRules } from "./testing/sigma-arbitrary.ts";

const deps = { clock: manualClock(start), log: recordingLogger() };

describe("Sigma rules", () => {
  it("hold by columns for exactly the events that they hold for one by one", () => {
    let matches = 0;
    fc.assert(
      fc.property(sigmaRules, events("test", 20), (given, list) => {
        // A rule that is not right, such as one with an empty part, is left out.
        const { rules } = parseRules(given.map((rule) => JSON.stringify(rule)).join("\n---\n"));
        const batch = batchFrom(list);
        const expected = naiveTriggers(
          rules,
          list.map((_, row) => batch.event(row)),
        );
        matches += expected.length;
        expect(triggers(createDetector({ rules, deps }).process(batch))).toEqual(expected);
        const found: string[] = [];
        new Matcher(rules).match(batch, (row, rule) => found.push(`${rule.name}: ${list[row]!.id}`));
        expect(found).toEqual(expected);
      }),
      { numRuns: 100 },
    );
    expect(matches).toBeGreaterThan(500);
  });
});

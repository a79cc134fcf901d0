import type { Alert } from "@vedette/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { historyRules, lateMs, stream } from "./testing/history-arbitrary.ts";
import { detectorFor, runBatches } from "./testing/run.ts";

/** Rules with alerts that depend on earlier alerts, beside random ones. */
const onAlerts = [
  {
    name: "first of a kind",
    dataTypes: ["a", "b"],
    where: 'exists("origin.user")',
    deduplicateBy: ["adversary.user"],
  },
  {
    name: "grouped",
    dataTypes: ["a"],
    where: 'equals("statusCode", 404)',
    groupBy: ["lastEvent.log.message"],
  },
  {
    name: "after alerts",
    dataTypes: ["b"],
    where: 'exists("id")',
    afterEvents: [
      {
        indexPattern: "v11-alert-*",
        with: [{ field: "adversary.user", operator: "filter_term", value: "{{.origin.user}}" }],
        within: "2s",
        count: 2,
      },
    ],
  },
];

const stored = <T>(list: readonly T[]): T[] => JSON.parse(JSON.stringify(list)) as T[];

describe("after a restart", () => {
  it("the same alerts come as without one, whether or not the last batch comes again", async () => {
    let raised = 0;
    await fc.assert(
      fc.asyncProperty(
        historyRules(3),
        stream(30),
        fc.nat(30),
        fc.boolean(),
        async (random, events, cut, again) => {
          const yaml = JSON.stringify([...random, ...onAlerts]);
          const whole = runBatches(detectorFor(yaml, { lateMs }).detector, events, 4);
          const first = events.slice(0, cut);
          const before = runBatches(detectorFor(yaml, { lateMs }).detector, first, 4);
          const { detector } = detectorFor(yaml, { lateMs });
          await detector.rebuildAlerts(stored(before));
          expect(await detector.rebuild(stored(first))).toBe(first.length);
          const repeated = again ? first.slice(-4) : [];
          const after = runBatches(detector, [...repeated, ...events.slice(cut)], 4);
          const all: readonly Alert[] = [...before, ...after];
          expect(all.map((alert) => alert.id)).toEqual(whole.map((alert) => alert.id));
          expect(all).toEqual(whole);
          raised += all.length;
        },
      ),
      { numRuns: 150 },
    );
    expect(raised).toBeGreaterThan(500);
  });

  it("says how far back events and alerts are needed", () => {
    const { detector } = detectorFor(JSON.stringify(onAlerts));
    expect(detector.alertNeedMs()).toBe(2_000);
    // Events that may come again from an agent are needed too, to know in which order they first came.
    expect(detector.historyNeeds()).toEqual(["a", "b"].map((dataType) => ({ dataType, windowMs: 120_000 })));
  });
});

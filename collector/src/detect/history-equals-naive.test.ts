import { docOf } from "@vedette/core/pipeline";
import type { Event } from "@vedette/sdk";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseRules } from "./index.ts";
import { type HistoryRule, historyRules, lateMs, type Request, stream } from "./testing/history-arbitrary.ts";
import { detectorFor, runBatches, triggers } from "./testing/run.ts";

const milliseconds: Record<string, number> = { "1s": 1_000, "2s": 2_000, "3500ms": 3_500 };
const time = (event: Event): number => Date.parse(event["@timestamp"]!);
const list = (value: unknown): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
const words = (text: string): string[] => text.toLowerCase().split(/\W+/).filter(Boolean);

/** One condition as the documentation has it, on two plain events. Undefined: the placeholder has no value. */
function holds(condition: Request["with"][number], found: Event, trigger: Event): boolean | undefined {
  const path = /^\{\{\.(.+)\}\}$/.exec(String(condition.value))?.[1];
  const wanted = path ? docOf(trigger).get(path) : condition.value;
  if (wanted === undefined) return undefined;
  const actual = list(docOf(found).get(condition.field.replace(".keyword", "")));
  const equal = actual.includes(String(wanted));
  const match = actual.some((each) => words(each).some((word) => words(String(wanted)).includes(word)));
  const results: Record<string, boolean> = {
    filter_term: equal,
    must_not_term: !equal,
    filter_match: match,
    must_not_match: !match,
  };
  return results[condition.operator];
}

function searchHolds(rule: HistoryRule, request: Request, seen: readonly Event[], trigger: Event): boolean {
  const types =
    request.indexPattern === undefined
      ? rule.dataTypes
      : request.indexPattern === "v11-log-*"
        ? ["a", "b"]
        : ["a"];
  const resolved = request.with.every((each) => holds(each, trigger, trigger) !== undefined);
  const hits = seen.filter(
    (event) =>
      types.includes(event.dataType!) &&
      time(event) >= time(trigger) - milliseconds[request.within]! &&
      time(event) <= time(trigger) + lateMs &&
      request.with.every((each) => holds(each, event, trigger) === true),
  );
  return (
    (resolved && hits.length >= request.count) ||
    request.or.some((branch) => searchHolds(rule, branch, seen, trigger))
  );
}

it("history conditions find exactly what a search over all earlier events finds", () => {
  let matches = 0;
  fc.assert(
    fc.property(historyRules(4), stream(35), fc.integer({ min: 1, max: 12 }), (rules, events, size) => {
      const expected = events.flatMap((trigger, i) =>
        rules
          .filter(
            (rule) =>
              rule.dataTypes.includes(trigger.dataType!) &&
              parseRules(JSON.stringify(rule)).rules[0]!.where.test(docOf(trigger)) &&
              rule.afterEvents.every((each) => searchHolds(rule, each, events.slice(0, i + 1), trigger)),
          )
          .map((rule) => `${rule.name}: ${trigger.id}`),
      );
      matches += expected.length;
      const { detector } = detectorFor(JSON.stringify(rules), { lateMs });
      expect(triggers(runBatches(detector, events, size))).toEqual(expected);
    }),
    { numRuns: 300 },
  );
  expect(matches).toBeGreaterThan(300);
});

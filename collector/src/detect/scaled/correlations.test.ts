import type { Alert, Event } from "@vedette/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRules } from "../load.ts";
import { RuleState } from "../rule-state.ts";
import { at } from "../testing/events.ts";
import { docs, Fleet } from "../testing/fleet.ts";
import { detectorFor, runBatches } from "../testing/run.ts";
import { Routing } from "./routing.ts";

const rule = (what: string, more = ""): string => `
title: ${what}
name: ${what}
logsource: { category: test }
vedette: { dataTypes: [test] }
detection: { selection: { log.what: ${what} }, condition: selection }
${more}`;

const correlation = (name: string, text: string): string => `
title: ${name}
name: ${name}
correlation: { ${text} }
`;

/** Each kind of question, a chain, aliases, a rule with history, and one that is grouped by nothing. */
const yaml = [
  rule("a"),
  rule("b"),
  rule("c"),
  `name: history
id: history
dataTypes: [test]
where: equals("log.what", "a")
afterEvents: [{ with: [{ field: log.host, operator: filter_term, value: "{{.log.host}}" }], within: 5s, count: 2 }]`,
  correlation(
    "count",
    "type: event_count, rules: [a], group-by: [log.user], timespan: 4s, condition: { gte: 3 }",
  ),
  correlation(
    "values",
    "type: value_count, rules: [a, b], group-by: [log.host], timespan: 6s, condition: { field: log.user, gte: 2 }",
  ),
  correlation(
    "together",
    "type: temporal, rules: [a, b], group-by: [log.user, log.host], timespan: 3s, generate: true",
  ),
  correlation("chain", "type: temporal_ordered, rules: [count, c], group-by: [log.user], timespan: 5s"),
  correlation(
    "alias",
    "type: temporal, rules: [b, c], group-by: [one], timespan: 5s, aliases: { one: { b: log.user, c: log.host } }",
  ),
  correlation("everywhere", "type: event_count, rules: [c], timespan: 3s, condition: { gte: 3 }"),
  correlation(
    "late",
    "type: event_count, rules: [history], group-by: [log.user], timespan: 5s, condition: { gte: 2 }",
  ),
].join("\n---\n");

const events = fc
  .array(
    fc.record({
      what: fc.constantFrom("a", "b", "c"),
      user: fc.constantFrom("u", "v", "x"),
      host: fc.constantFrom("u", "x"),
      // All within the lateness: the owners of a rule with history may be that far apart.
      step: fc.integer({ min: -700, max: 900 }),
    }),
    { minLength: 10, maxLength: 60 },
  )
  .map((list): Event[] => {
    let time = 100_000;
    return list.map(({ step, ...log }, i) => {
      time += step;
      return { id: `e${i}`, "@timestamp": at(time), dataType: "test", log };
    });
  });

const batchesOf = (list: readonly Event[], size: number): Event[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));

const batchId = (i: number): string => `00000000-0000-7000-8000-${String(i).padStart(12, "0")}`;

/** Without times of raising. */
const found = (alerts: Parameters<typeof docs>[0]): unknown[] =>
  docs(alerts).map(({ "@timestamp": _at, lastUpdate: _update, ...alert }) => alert);

describe("correlations of several collectors", () => {
  it("raise what one raises, whoever takes a batch, with partitions that move and batches that come again", () => {
    let alerts = 0;
    fc.assert(
      fc.property(
        events,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 5, maxLength: 40 }),
        (list, size, partitions, moves) => {
          const { detector } = detectorFor(yaml);
          const single = runBatches(detector, list, size);
          const fleet = new Fleet(yaml, partitions, 3);
          for (const [i, batch] of batchesOf(list, size).entries()) {
            fleet.ingest(i, batch, batchId(i));
            const move = moves[i % moves.length]!;
            if (move < 3) fleet.restart(move % partitions);
            if (move === 3) fleet.ingest(i + 1, batch, batchId(i));
            if (move > 4) fleet.own(move % partitions, move, move % 2 === 0);
          }
          fleet.drain();
          alerts += single.length;
          const direct = (name: string) => name !== "late";
          expect(found([...fleet.alerts.values()].filter(({ name }) => direct(name!)))).toEqual(
            found(single.filter(({ name }) => direct(name!))),
          );
          // These take a second way through the topic, so others may come before them; what is found is the same.
          const groups = (of: readonly Alert[]): unknown =>
            new Set(of.filter(({ name }) => name === "late").map(({ lastEvent }) => lastEvent?.log?.user));
          expect(groups([...fleet.alerts.values()])).toEqual(groups(single));
        },
      ),
      { numRuns: 30 },
    );
    expect(alerts).toBeGreaterThan(100);
  });

  it("are placed by what their groups have in common", () => {
    const states = parseRules(yaml).rules.map((each, number) => new RuleState(each, number));
    const { places, ...routing } = new Routing(states);
    expect(Object.keys(routing)).toEqual([]);
    const paths = (what: string): unknown =>
      Object.fromEntries(
        places
          .ofRule(states.find(({ rule: { names } }) => names.includes(what))!.rule.id)
          .map(({ cluster, paths: each }) => [cluster, each]),
      );
    expect(paths("a")).toEqual({
      chain: ["log.user"],
      values: ["log.host"],
      together: ["log.user", "log.host"],
    });
    expect(paths("c")).toEqual({ chain: ["log.user"], alias: ["log.host"], everywhere: [] });
    expect(new Routing(states).unshared().map(({ id }) => id)).toEqual(["everywhere"]);
  });
});

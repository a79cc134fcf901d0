import type { Alert, Event } from "@vedette/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { at, batchFrom } from "../testing/events.ts";
import { docs, Fleet } from "../testing/fleet.ts";
import { historyRules, lateMs, stream } from "../testing/history-arbitrary.ts";
import { detectorFor, runBatches } from "../testing/run.ts";

/** Batches of a stream, as one agent after the other sends them. */
function batchesOf(events: readonly Event[], size: number): Event[][] {
  const batches: Event[][] = [];
  for (const event of events) {
    const last = batches.at(-1);
    if (last && last.length < size && last[0]!.dataType === event.dataType) last.push(event);
    else batches.push([event]);
  }
  return batches;
}

const same = (field: string, from = field) => ({ field, operator: "filter_term", value: `{{.${from}}}` });
const found = { field: "statusCode", operator: "filter_term", value: 404 };
const compared = fc.constantFrom(
  [same("origin.user")],
  [same("origin.user"), found],
  [same("log.tags", "origin.user")],
  [same("log.message"), same("origin.user")],
);

/** Rules whose searches have a path in common, so that several owners share their history. */
const shared = fc
  .array(
    fc.record({
      dataTypes: fc.constantFrom(["a"], ["b"], ["a", "b"]),
      where: fc.constantFrom('exists("id")', 'equals("statusCode", 404)', 'exists("log.message")'),
      searches: fc.array(
        fc.record({
          indexPattern: fc.constantFrom(undefined, "v11-log-*"),
          with: compared,
          within: fc.constantFrom("1s", "3500ms"),
          count: fc.constantFrom(1, 2, 3),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((rules) =>
    rules.map(({ searches, ...rule }, i) => ({ name: `s${i}`, ...rule, afterEvents: searches })),
  );

const path = fc.constantFrom("adversary.user", "lastEvent.log.message", "lastEvent.statusCode", "dataType");
const repeats = fc.tuple(fc.constantFrom("deduplicateBy", "groupBy"), fc.array(path, { maxLength: 2 }));
const rules = fc
  .tuple(historyRules(2), shared, fc.array(repeats, { minLength: 5, maxLength: 5 }))
  .map(([any, some, list]) => [...any, ...some].map((rule, i) => ({ ...rule, [list[i]![0]]: list[i]![1] })));

const plain = [
  { name: "each", dataTypes: ["a"], where: 'equals("statusCode", 404)' },
  { name: "first", dataTypes: ["a", "b"], where: 'exists("id")', deduplicateBy: ["adversary.user"] },
  { name: "family", dataTypes: ["b"], where: 'exists("id")', groupBy: ["lastEvent.log.message"] },
];

/** What happens after a batch. */
const step = fc.record({
  collector: fc.nat(2),
  again: fc.boolean(),
  own: fc.array(fc.record({ partition: fc.nat(7), most: fc.nat(6), commit: fc.boolean() }), { maxLength: 3 }),
  restart: fc.option(fc.nat(7), { nil: undefined, freq: 2 }),
});

describe("any number of collectors", () => {
  it("raise what one detector raises, whoever takes which batch, over restarts and repeats", () => {
    let raised = 0;
    let counted = 0;
    let several = 0;
    fc.assert(
      fc.property(
        rules,
        stream(40),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(step, { minLength: 40, maxLength: 40 }),
        (random, events, size, partitions, steps) => {
          const yaml = JSON.stringify([...random, ...plain]);
          const { detector } = detectorFor(yaml, { lateMs });
          const batches = batchesOf(events, size);
          const expected = batches.flatMap((batch) => runBatches(detector, batch, size));
          const fleet = new Fleet(yaml, partitions, 3);
          for (const [i, batch] of batches.entries()) {
            const { collector, again, own, restart } = steps[i]!;
            const batchId = `00000000-0000-7000-8000-${String(i).padStart(12, "0")}`;
            fleet.ingest(collector, batch, batchId);
            if (again) fleet.ingest(collector + 1, batch, batchId);
            for (const { partition, most, commit } of own) fleet.own(partition % partitions, most, commit);
            if (restart !== undefined) fleet.restart(restart % partitions);
          }
          fleet.drain();
          expect(docs([...fleet.alerts.values()])).toEqual(docs(expected));
          raised += expected.length;
          counted += expected.filter(({ name }) => /^s\d/.test(name!)).length;
          several += partitions > 1 ? random.length - fleet.routing.unshared().length : 0;
        },
      ),
      { numRuns: 120 },
    );
    // A test of quiet rules, or of rules that all have one owner, proves nothing; these are a third of what comes.
    expect(raised).toBeGreaterThan(300);
    expect(counted).toBeGreaterThan(30);
    expect(several).toBeGreaterThan(20);
  });

  it("let rules search in alerts of any of them, once the topic has told of the alert", () => {
    const yaml = JSON.stringify([
      { name: "Refused", dataTypes: ["a"], where: 'equals("statusCode", 403)' },
      {
        name: "New user",
        dataTypes: ["a"],
        where: 'exists("origin.user")',
        deduplicateBy: ["adversary.user"],
      },
      {
        name: "Came in after alerts",
        dataTypes: ["b"],
        where: 'exists("id")',
        afterEvents: [
          {
            indexPattern: "v11-alert-*",
            with: [{ field: "adversary.user", operator: "filter_term", value: "{{.origin.user}}" }],
            within: "5s",
            count: 3,
          },
        ],
      },
    ]);
    const event = (id: string, dataType: string, ms: number, user: string): Event => ({
      id,
      "@timestamp": at(ms),
      dataType,
      statusCode: 403,
      origin: { user },
    });
    const fleet = new Fleet(yaml, 5, 2);
    const put = (n: number, list: readonly Event[]) =>
      fleet.ingest(n, list, `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`);
    // Two alerts at once, the third by the owner of the user.
    put(0, [event("a1", "a", 0, "eve"), event("a2", "a", 1_000, "eve"), event("a3", "a", 1_500, "bob")]);
    put(1, [event("early", "b", 2_000, "eve")]);
    for (let partition = 0; partition < 5; partition++) {
      fleet.own(partition, 99, partition % 2 === 0);
      fleet.restart(partition);
    }
    fleet.drain();
    put(2, [event("b1", "b", 3_000, "eve"), event("b2", "b", 3_000, "bob")]);
    put(2, [event("b1", "b", 3_000, "eve"), event("b2", "b", 3_000, "bob")]);
    fleet.drain();
    const names = [...fleet.alerts.values()].map(({ name, lastEvent }) => `${name}: ${lastEvent!.id}`).sort();
    expect(names).toEqual([
      "Came in after alerts: b1",
      "New user: a1",
      "New user: a3",
      "Refused: a1",
      "Refused: a2",
      "Refused: a3",
    ]);
  });

  it("raise as many alerts for the same values in whatever order partitions hear of agents' events", () => {
    const burst = (name: string, field: string, count: number, rest: object) => ({
      name,
      dataTypes: ["a"],
      where: 'equals("statusCode", 404)',
      afterEvents: [{ with: [same(field), found], within: "5s", count }],
      ...rest,
    });
    const yaml = JSON.stringify([
      burst("user", "origin.user", 3, { deduplicateBy: ["adversary.user"] }),
      burst("users", "origin.user", 2, { groupBy: ["adversary.user"] }),
      burst("message", "log.message", 2, { deduplicateBy: ["lastEvent.log.message"] }),
      // Nothing that it compares tells its repeats apart: one owner has all of it.
      burst("any", "origin.user", 4, { deduplicateBy: ["lastEvent.statusCode"] }),
    ]);
    const counted = (alerts: readonly Alert[]): string[] =>
      alerts
        .map(({ name, adversary, lastEvent, parentId }) => {
          const value =
            name === "message" ? lastEvent?.log?.["message"] : name === "any" ? "" : adversary?.user;
          return `${name} ${String(value)} ${parentId === undefined ? "first" : "more"}`;
        })
        .sort();
    const event = fc.record({
      // Within the lateness bound of each other.
      ms: fc.nat(lateMs),
      user: fc.constantFrom("root", "admin", "web"),
      message: fc.constantFrom("x", "y"),
      statusCode: fc.constantFrom(404, 404, 200),
    });
    const batches = fc.array(
      fc.record({ agent: fc.nat(2), events: fc.array(event, { minLength: 1, maxLength: 4 }) }),
      { minLength: 1, maxLength: 10 },
    );
    const steps = fc.array(
      fc.record({ pick: fc.nat(99), own: fc.nat(9), commit: fc.boolean(), restart: fc.boolean() }),
      { minLength: 60, maxLength: 60 },
    );
    let raised = 0;
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 6 }), steps, (list, partitions, moves) => {
        const { detector } = detectorFor(yaml, { lateMs });
        const fleet = new Fleet(yaml, partitions, 3);
        const expected = list.flatMap(({ agent, events }, i) => {
          const made = events.map(
            ({ ms, user, message, statusCode }, n): Event => ({
              id: `${i}-${n}`,
              "@timestamp": at(ms),
              dataType: "a",
              statusCode,
              origin: { user },
              log: { message },
            }),
          );
          fleet.hold(agent, made, `00000000-0000-7000-8000-${String(i).padStart(12, "0")}`);
          return detector.process(batchFrom(made));
        });
        for (const { pick, own, commit, restart } of moves) {
          fleet.deliver(pick);
          fleet.own(own % partitions, 3, commit);
          if (restart) fleet.restart(own % partitions);
        }
        while (fleet.deliver(0));
        fleet.drain();
        expect(counted([...fleet.alerts.values()])).toEqual(counted(expected));
        raised += expected.length;
      }),
      { numRuns: 60 },
    );
    expect(raised).toBeGreaterThan(150);
  });
});

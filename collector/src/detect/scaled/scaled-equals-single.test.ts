import { copyRows, openBody } from "@vedette/core/batch";
import type { Alert, Event } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultLimits } from "../detector.ts";
import { parseRules } from "../load.ts";
import type { Rule } from "../rule.ts";
import { RuleState } from "../rule-state.ts";
import { at, batchFrom, start } from "../testing/events.ts";
import { historyRules, lateMs, stream } from "../testing/history-arbitrary.ts";
import { detectorFor, runBatches } from "../testing/run.ts";
import type { Match, Matches } from "./match.ts";
import { Owner } from "./owner.ts";
import { partitionOf } from "./route-hash.ts";
import { Routing } from "./routing.ts";
import { Scout } from "./scout.ts";

const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
/** A match as it comes out of the topic. */
const sent = (match: Match): Match => {
  const { subject } = match;
  if (subject.kind !== "row") return stored(match);
  const { header, body } = copyRows(subject.batch, Uint32Array.of(subject.row));
  return { ...match, subject: { kind: "row", batch: openBody(header, body), row: 0 } };
};
const docs = (list: readonly Alert[]): Alert[] =>
  [...stored(list)].sort((a, b) => (a.id! < b.id! ? -1 : a.id! > b.id! ? 1 : 0));

/** Several collectors and the topic between them, without Kafka: what is durable survives `restart`. */
class Fleet {
  readonly #rules: readonly Rule[];
  readonly #partitions: number;
  readonly #topic: Match[][];
  readonly #owners: (Owner | undefined)[];
  /** Where the owner of a partition is, and what is committed. */
  readonly #position: number[];
  readonly #committed: number[];
  /** What partitions have not heard of yet, by agent and partition. */
  readonly #held = new Map<string, { readonly partition: number; readonly list: readonly Match[] }[]>();
  readonly alerts = new Map<string, Alert>();
  readonly #scouts: Scout[];
  readonly routing: Routing;

  constructor(yaml: string, partitions: number, collectors: number) {
    this.#rules = parseRules(yaml).rules;
    this.#partitions = partitions;
    this.#topic = Array.from({ length: partitions }, () => []);
    this.#owners = Array.from({ length: partitions }, () => undefined);
    this.#position = this.#owners.map(() => 0);
    this.#committed = this.#owners.map(() => 0);
    this.routing = new Routing(this.#states());
    this.#scouts = Array.from({ length: collectors }, () => this.#scout());
  }

  #states(): RuleState[] {
    return this.#rules.map((rule) => new RuleState(rule));
  }

  #deps() {
    return { clock: manualClock(start), log: recordingLogger() };
  }

  #scout(): Scout {
    const states = this.#states();
    const routing = new Routing(states);
    return new Scout({ states, routing, partitions: this.#partitions, deps: this.#deps() });
  }

  /** A collector takes a batch: what it finds is in the topic, its own alerts are stored. */
  ingest(collector: number, events: readonly Event[], batchId: string): void {
    const scout = this.#scouts[collector % this.#scouts.length]!;
    const { alerts, matches } = scout.process(batchFrom(events, batchId));
    this.#send(matches);
    this.#store(alerts);
  }

  /** A collector takes a batch, but partitions hear of it one by one, each when `deliver` says so. */
  hold(agent: number, events: readonly Event[], batchId: string): void {
    const scout = this.#scouts[agent % this.#scouts.length]!;
    const { matches } = scout.process(batchFrom(events, batchId));
    for (const [partition, list] of matches) {
      const key = `${agent} ${partition}`;
      this.#held.set(key, [...(this.#held.get(key) ?? []), { partition, list }]);
    }
  }

  /** One partition hears of the next batch of one agent; says whether there was any. */
  deliver(pick: number): boolean {
    const keys = [...this.#held.keys()];
    const key = keys[pick % keys.length];
    if (key === undefined) return false;
    const [next, ...rest] = this.#held.get(key)!;
    if (rest.length > 0) this.#held.set(key, rest);
    else this.#held.delete(key);
    this.#send(new Map([[next!.partition, next!.list]]));
    return true;
  }

  #send(matches: Matches): void {
    for (const [partition, list] of matches) this.#topic[partition]!.push(...list.map(sent));
  }

  #store(alerts: readonly Alert[]): void {
    for (const alert of alerts) this.alerts.set(alert.id!, stored(alert));
  }

  /** The owner of a partition takes what is there, all or some of it, and commits all or some of that. */
  own(partition: number, most: number, commit: boolean): void {
    const owner = this.#owners[partition] ?? this.#rebuilt(partition);
    this.#owners[partition] = owner;
    const end = Math.min(this.#topic[partition]!.length, this.#position[partition]! + most);
    for (; this.#position[partition]! < end; this.#position[partition]!++) {
      const alerts = owner.take(this.#topic[partition]![this.#position[partition]!]!);
      owner.settle();
      this.#send(this.#scouts[0]!.tell(alerts));
      this.#store(alerts);
    }
    if (commit) this.#committed[partition] = this.#position[partition]!;
  }

  drain(): void {
    for (let busy = true; busy; ) {
      busy = false;
      for (let partition = 0; partition < this.#partitions; partition++) {
        busy ||= this.#position[partition]! < this.#topic[partition]!.length;
        this.own(partition, Number.POSITIVE_INFINITY, true);
      }
    }
  }

  /** The partition goes to another collector: what was not committed comes again. */
  restart(partition: number): void {
    this.#owners[partition] = undefined;
    this.#position[partition] = this.#committed[partition]!;
  }

  #rebuilt(partition: number): Owner {
    const states = this.#states();
    const routing = new Routing(states);
    const owner = new Owner({ states, deps: this.#deps(), limits: { ...defaultLimits, lateMs } });
    for (const alert of this.alerts.values()) {
      const route = routing.ofAlert(alert);
      if (route !== undefined && partitionOf(route, this.#partitions) === partition) owner.restore(alert);
    }
    for (const match of this.#topic[partition]!.slice(0, this.#committed[partition])) owner.rebuild(match);
    return owner;
  }
}

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
      { numRuns: 60 },
    );
    // A test of quiet rules, or of rules that all have one owner, proves nothing.
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

import type { IncomingRecord } from "@vedette/core/kafka";
import { VedetteError } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { describe, expect, it } from "vitest";
import { defaultLimits, type Match, Owner, parseRules, type Rule, RuleState } from "../detect/index.ts";
import { OwnedPartition, type Taken } from "./partition.ts";
import { encodeMatches } from "./record.ts";

const start = Date.UTC(2026, 0, 5, 12);
const rules = parseRules(
  JSON.stringify([
    {
      name: "Three",
      dataTypes: ["a"],
      where: 'exists("id")',
      afterEvents: [
        {
          with: [{ field: "origin.user", operator: "filter_term", value: "{{.origin.user}}" }],
          within: "1m",
          count: 3,
        },
      ],
    },
  ]),
).rules;
const [signature] = [...new Set(rules[0]!.afterEvents.map(({ spec }) => spec.signature))] as [string];

const matchOf = (n: number): Match => ({
  subject: {
    kind: "event",
    event: {
      id: `e${n}`,
      "@timestamp": new Date(start + n * 1_000).toISOString(),
      dataType: "a",
      origin: { user: "eve" },
    },
  },
  remember: [signature],
  ask: ["three"],
  routes: [1],
});

const recordOf = (offset: number, value = encodeMatches([matchOf(offset)], 1)[0]!): IncomingRecord => ({
  topic: "t",
  partition: 0,
  offset: BigInt(offset),
  key: undefined,
  value,
  headers: {},
  timestamp: start,
});
const range = (from: number, to: number): IncomingRecord[] =>
  Array.from({ length: to - from }, (_, i) => recordOf(from + i));

/** A partition over what is "on disk": kept matches by offset and the ids of alerts. */
function partition(run: () => readonly Rule[] = () => rules) {
  const kept = new Map<bigint, Match>();
  const alerts: string[] = [];
  const rebuilt: bigint[] = [];
  const faults: string[] = [];
  const fail: { next?: Error } = {};
  const own = new OwnedPartition(0, {
    rebuild: async (_, offset) => {
      rebuilt.push(offset);
      const owner = new Owner({
        states: run().map((rule, number) => new RuleState(rule, number)),
        deps: { clock: manualClock(start), log: recordingLogger() },
        limits: defaultLimits,
      });
      for (const [at, match] of [...kept].sort(([a], [b]) => Number(a - b)))
        if (at < offset) owner.rebuild(match);
      return owner;
    },
    keep: async ({ records, alerts: raised }: Taken) => {
      const { next } = fail;
      delete fail.next;
      if (next) throw next;
      for (const { offset } of records) kept.set(offset, matchOf(Number(offset)));
      alerts.push(...raised.map(({ lastEvent }) => lastEvent!.id!));
    },
    onFault: (what) => faults.push(what),
    onTaken: () => undefined,
  });
  return { own, kept, alerts, rebuilt, faults, fail };
}

const { signal } = new AbortController();

describe("a partition of matches", () => {
  it("begins with what was kept before its first record, and goes on from there", async () => {
    const { own, kept, alerts, rebuilt } = partition();
    kept.set(3n, matchOf(3));
    kept.set(4n, matchOf(4));
    // What lies behind the first record was kept by an owner that did not commit: it comes again.
    kept.set(5n, matchOf(5));
    await own.take(range(5, 6), signal);
    await own.take(range(6, 7), signal);
    expect({ rebuilt, alerts, next: own.next }).toEqual({ rebuilt: [5n], alerts: ["e5", "e6"], next: 7n });
  });

  it("takes no record twice, and makes its memory anew where records are missing", async () => {
    const { own, alerts, rebuilt } = partition();
    await own.take(range(0, 3), signal);
    await own.take(range(0, 4), signal);
    expect(alerts).toEqual(["e2", "e3"]);
    await own.take(range(9, 10), signal);
    expect(rebuilt).toEqual([0n, 9n]);
  });

  it("forgets what it could not keep, waits, and comes to the same", async () => {
    const { own, alerts, rebuilt, fail } = partition();
    await own.take(range(0, 2), signal);
    fail.next = new VedetteError("store.rejected", "No such table.", { verdict: "drop" });
    const again = { verdict: { verdict: "retry", afterMs: 10_000 } };
    await expect(own.take(range(2, 4), signal)).rejects.toMatchObject(again);
    expect(own.owner).toBeUndefined();
    await own.take(range(2, 4), signal);
    expect({ alerts, rebuilt }).toEqual({ alerts: ["e2", "e3"], rebuilt: [0n, 2n] });
  });

  it("passes over what it cannot read, and counts it", async () => {
    const { own, alerts, faults } = partition();
    await own.take([...range(0, 2), recordOf(2, Buffer.from("no record")), ...range(3, 4)], signal);
    expect({ alerts, faults, next: own.next }).toEqual({ alerts: ["e3"], faults: ["unreadable"], next: 4n });
  });

  it("is remembered anew when rules change: counts of those that did not go on", async () => {
    let running = rules;
    const { own, alerts, rebuilt } = partition(() => running);
    await own.take(range(0, 2), signal);
    running = [...rules, { ...rules[0]!, id: "more", afterEvents: [] }];
    // Under way when the next records come, which wait for it.
    const renewed = own.renew(signal);
    await Promise.resolve();
    const closed: string[] = [];
    own.tell((owner) => closed.push(owner === own.owner ? "the old one" : "the new one"));
    await own.take(range(2, 3), signal);
    await renewed;
    expect({ alerts, rebuilt, closed }).toEqual({
      alerts: ["e2"],
      rebuilt: [0n, 2n],
      closed: ["the old one", "the new one"],
    });
  });

  it("forgets where it cannot be remembered anew, and reads back with its next records", async () => {
    let broken = false;
    const { own, alerts, rebuilt } = partition(() => {
      if (broken) throw new Error("no store");
      return rules;
    });
    await own.renew(signal);
    expect(rebuilt).toEqual([]);
    await own.take(range(0, 2), signal);
    broken = true;
    await expect(own.renew(signal)).rejects.toThrow("no store");
    expect(own.owner).toBeUndefined();
    broken = false;
    await own.take(range(2, 3), signal);
    expect(alerts).toEqual(["e2"]);
  });
});

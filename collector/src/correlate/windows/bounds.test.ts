import { docOf } from "@vedette/core/pipeline";
import type { Alert } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { EventRef } from "../bodies.ts";
import { Correlator } from "./correlator.ts";
import { correlationOf } from "./testing/correlation.ts";

const start = 1_700_000_000_000;
const limits = {
  ...{ entries: 20_000, bytes: 1e9, groupEntries: 1_000, lateMs: 60_000, bodyBytes: 1e6, bodies: 1_000 },
};

/** A correlator of "five events of a source within ten minutes", and what it raises. */
function counting(own: Partial<typeof limits>) {
  const correlation = correlationOf(
    {
      ...{ kind: "measure", of: "nothing", shape: { kind: "sliding" } },
      measures: [{ kind: "count", bounds: { gte: 5 } }],
    },
    600_000,
  );
  const alerts: Alert[] = [];
  let now = start;
  const correlator = new Correlator(
    [correlation],
    { clock: { now: () => now }, known: () => false, note: () => undefined },
    { ...limits, ...own },
  );
  let number = 0;
  const take = (group: string): void => {
    now += 1;
    const event = { id: `e${number++}`, log: { group } };
    const ref = new EventRef(event.id, now, "", event);
    const hit = {
      doc: docOf(event),
      id: event.id,
      time: now,
      event: () => event,
      key: () => ref.key(),
      ref: () => ref,
    };
    correlator.take("r0", hit, alerts);
    if (number % 100 === 0) correlator.settle();
  };
  return { correlator, alerts, take, wait: (ms: number) => (now += ms) };
}

describe("a million sources", () => {
  it("leave the heaviest where they are, whatever the cap", () => {
    const { correlator, alerts, take } = counting({});
    // Four heavy ones, each with four of the five events that it needs.
    for (const heavy of ["h1", "h2", "h3", "h4"]) for (let i = 0; i < 4; i++) take(heavy);
    let most = 0;
    for (let i = 0; i < 1_000_000; i++) {
      take(`light ${i}`);
      if (i % 1_000 === 0) most = Math.max(most, correlator.stats.entries);
    }
    const { groups, entries, expiredGroups, correlations } = correlator.stats;
    expect(most).toBeLessThanOrEqual(limits.entries + 1);
    expect(entries).toBeLessThanOrEqual(limits.entries);
    expect(correlations[0]!.evicted + expiredGroups).toBe(1_000_004 - groups);
    expect(alerts).toEqual([]);
    for (const heavy of ["h1", "h2", "h3", "h4"]) take(heavy);
    // What is older than the timespan by now counts no more: this took 1,000 seconds of event time.
    expect(alerts).toEqual([]);
    for (const heavy of ["h1", "h2"]) for (let i = 0; i < 4; i++) take(heavy);
    expect(alerts.map(({ lastEvent }) => lastEvent?.log?.group)).toEqual(["h1", "h2"]);
  }, 120_000);

  it("push out others like them first", () => {
    const { alerts, take } = counting({ entries: 1_000 });
    for (let i = 0; i < 4; i++) take("heavy");
    for (let i = 0; i < 100_000; i++) take(`light ${i}`);
    take("heavy");
    expect(alerts.map(({ lastEvent }) => lastEvent?.log?.group)).toEqual(["heavy"]);
  });

  it("are forgotten when no window asks for them any more", () => {
    const { correlator, take, wait } = counting({});
    for (let i = 0; i < 1_000; i++) take(`light ${i}`);
    wait(700_000);
    for (let i = 0; i < 5_000; i++) take("one");
    expect(correlator.stats).toMatchObject({ groups: 1, expiredGroups: 1_000 });
  });

  it("are given up by bytes too, and single groups are bounded by themselves", () => {
    const { correlator, take } = counting({ bytes: 100_000 });
    for (let i = 0; i < 5_000; i++) take(`light ${i}`);
    expect(correlator.stats.bytes).toBeLessThanOrEqual(100_000);
    for (let i = 0; i < 5_000; i++) take("one");
    // 256 of the one, and others of one event each.
    expect(correlator.stats.entries).toBe(256 + correlator.stats.groups - 1);
  });
});

import { docOf } from "@vedette/core/pipeline";
import type { Alert, Event } from "@vedette/sdk";
import { manualClock } from "@vedette/sdk/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventRef } from "../bodies.ts";
import type { Correlation, Question } from "./correlation.ts";
import { Correlator } from "./correlator.ts";
import type { Measure } from "./measure.ts";
import { correlationOf } from "./testing/correlation.ts";
import { type Arrival, naive } from "./testing/naive.ts";
import type { Shape } from "./window.ts";

const start = 1_700_000_000_000;
const timespanMs = 1_000;
const lateMs = 700;
const limits = { entries: 1e6, bytes: 1e9, groupEntries: 1e5, lateMs, bodyBytes: 1e6, bodies: 1_000 };

/** A correlator with a store beside it: `lost` alerts do not get there. */
class Run {
  readonly #correlation: Correlation;
  readonly stored = new Map<string, Alert>();
  readonly #known = new Set<string>();
  #correlator: Correlator;

  constructor(correlation: Correlation) {
    this.#correlation = correlation;
    this.#correlator = this.#open();
  }

  #open(): Correlator {
    const known = this.#known;
    const deps = {
      clock: manualClock(start),
      known: (id: string) => known.has(id),
      note: (id: string) => known.add(id),
    };
    return new Correlator([this.#correlation], deps, limits);
  }

  take(arrival: Arrival, lost = false): void {
    const alerts: Alert[] = [];
    this.#correlator.take(`r${arrival.member}`, hitOf(arrival), alerts);
    if (!lost) for (const alert of alerts) this.stored.set(alert.id!, alert);
  }

  restart(arrivals: readonly Arrival[]): void {
    this.#known.clear();
    for (const id of this.stored.keys()) this.#known.add(id);
    this.#correlator = this.#open();
    for (const each of arrivals) this.#correlator.rebuild(`r${each.member}`, hitOf(each));
  }

  get told(): string[] {
    return [...this.stored.values()].map(({ lastEvent }) => lastEvent!.id!).sort();
  }
}

function hitOf({ id, time, group, value, member }: Arrival) {
  const event: Event = { id, "@timestamp": new Date(time).toISOString(), log: { group, value, member } };
  const ref = new EventRef(id, time, "", event);
  return { doc: docOf(event), id, time, event: () => event, key: () => ref.key(), ref: () => ref };
}

const bounds = fc.oneof(
  ...(["gt", "gte", "lt", "lte", "eq", "neq"] as const).map((key) =>
    fc.integer({ min: 1, max: 5 }).map((value) => ({ [key]: value })),
  ),
  fc.record({ gte: fc.integer({ min: 1, max: 3 }), lte: fc.integer({ min: 3, max: 5 }) }),
);
const rising = fc.integer({ min: 1, max: 5 }).map((gte) => ({ gte }));
const counting = fc.constantFrom("count" as const, "distinct" as const);
const kinds = fc.constantFrom(...(["count", "distinct", "sum", "average", "percentile"] as const));

const questionOf = (measure: Measure, shape: Shape): Question => {
  const of = measure.kind === "count" ? "nothing" : measure.kind === "distinct" ? "text" : "number";
  return { kind: "measure", of, measures: [measure], shape };
};
const sliding = fc
  .record({ kind: kinds, bounds })
  .map(({ kind, ...rest }) => questionOf({ kind, percentile: 60, ...rest }, { kind: "sliding" }));
const ranged = fc
  .record({
    kind: counting,
    bounds: rising,
    shape: fc.constantFrom<Shape>({ kind: "tumbling" }, { kind: "session", gapMs: 250 }),
  })
  .map(({ shape, ...measure }) => questionOf(measure, shape));
const both = fc.tuple(rising, rising).map(
  ([count, distinct]): Question => ({
    ...{ kind: "measure", of: "text", shape: { kind: "sliding" } },
    measures: [
      { kind: "count", bounds: count },
      { kind: "distinct", bounds: distinct },
    ],
  }),
);
const members = fc.integer({ min: 2, max: 3 }).map(
  (gte): Question => ({
    ...{ kind: "measure", of: "member", shape: { kind: "sliding" } },
    measures: [{ kind: "distinct", bounds: { gte } }],
  }),
);
const occurrence = fc
  .record({
    ordered: fc.boolean(),
    present: fc.constantFrom<readonly (readonly number[])[]>(
      [[0, 1, 2]],
      [[0, 1]],
      [[0, 2], [1]],
      [
        [0, 1],
        [1, 2],
      ],
    ),
  })
  .map(
    ({ ordered, present }): Question => ({
      ...{ kind: "occurrence", ordered },
      terms: present.map((each) => ({ present: each, absent: [] })),
    }),
  );
const questions = fc.oneof(sliding, ranged, both, members, occurrence);

/** Mostly forward in time, now and then back, also too far; some come twice. */
const arrivals = fc
  .array(
    fc.record({
      step: fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 0, max: 250 }) },
        { weight: 2, arbitrary: fc.integer({ min: -600, max: 0 }) },
        { weight: 1, arbitrary: fc.constantFrom(-900, 1_000, 1_001, timespanMs) },
      ),
      member: fc.integer({ min: 0, max: 2 }),
      group: fc.constantFrom("g", "g", "h"),
      value: fc.integer({ min: 1, max: 4 }),
      again: fc.integer({ min: 0, max: 9 }),
    }),
    { minLength: 5, maxLength: 50 },
  )
  .map((list) => {
    let time = start;
    const all: Arrival[] = [];
    for (const [at, { step, again, ...rest }] of list.entries()) {
      const before = again === 0 ? all.at(-3) : undefined;
      time += step;
      all.push(before ?? { ...rest, id: `e${at}`, time });
    }
    return all;
  });

describe("windows", () => {
  it("find what a plain evaluation of all events finds", () => {
    let told = 0;
    fc.assert(
      fc.property(questions, arrivals, (question, list) => {
        const correlation = correlationOf(question, timespanMs);
        const run = new Run(correlation);
        for (const each of list) run.take(each);
        const expected = naive(correlation, list, lateMs).sort();
        expect(run.told).toEqual(expected);
        told += expected.length;
      }),
      { numRuns: 1_500 },
    );
    expect(told).toBeGreaterThan(1_000);
  });

  it("tell after a restart what they would have told, with alerts that were lost and events that come again", () => {
    fc.assert(
      fc.property(
        questions,
        arrivals,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 6 }),
        (question, list, part, again) => {
          const correlation = correlationOf(question, timespanMs);
          const run = new Run(correlation);
          const end = Math.floor(list.length * part);
          const sure = Math.max(0, end - again);
          for (const [at, each] of list.slice(0, end).entries()) run.take(each, at >= sure);
          run.restart(list.slice(0, end));
          for (const each of list.slice(sure)) run.take(each);
          expect(run.told).toEqual(naive(correlation, list, lateMs).sort());
        },
      ),
      { numRuns: 700 },
    );
  });
});

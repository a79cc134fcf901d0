import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { docOf } from "@vedette/core/pipeline";
import type { Event } from "@vedette/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventRef } from "../bodies.ts";
import { Hash64 } from "../hash.ts";
import type { Question } from "./correlation.ts";
import { Correlator } from "./correlator.ts";
import { Counted } from "./counted.ts";
import { Groups } from "./groups.ts";
import { Running } from "./running.ts";
import { SlidingWindow } from "./sliding.ts";
import { correlationOf } from "./testing/correlation.ts";
import { TextReader } from "./text-reader.ts";
import { Outcome } from "./window.ts";

const limits = { groupEntries: 20_000, lateMs: 500 };

const counting = (gte: number): Question => ({
  ...{ kind: "measure", of: "nothing", shape: { kind: "sliding" } },
  measures: [{ kind: "count", bounds: { gte } }],
});

const runningOf = (question: Question): Running =>
  new Running(correlationOf(question, 1_000), limits, 0, new TextReader("tenantId"));

const hashOf = (text: string): Hash64 => {
  const hash = new Hash64();
  hash.ofText(text);
  return hash;
};

const powerOf = (size: number): number => Math.floor(Math.log2(Math.max(1, size)));

describe("the groups of all windows", () => {
  it("give up no group while there is one that is lighter by a power of two, and count what they hold", () => {
    let evicted = 0;
    const steps = fc.array(
      fc.record({ group: fc.integer({ min: 0, max: 60 }), more: fc.constantFrom(1, 1, 1, 2, 5, 40) }),
      { minLength: 50, maxLength: 400 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 20, max: 300 }), (list, most) => {
        const owner = runningOf(counting(5));
        const sizes = new Map<number, number>();
        let own = -1;
        const groups = new Groups([owner], { entries: most, bytes: most * 400, lateMs: 0 }, (slot) => {
          const lightest = Math.min(...[...sizes.values()].map(powerOf));
          expect(powerOf(sizes.get(slot)!)).toBe(lightest);
          sizes.delete(slot);
          evicted++;
        });
        for (const [at, { group, more }] of list.entries()) {
          const hash = hashOf(`${group}`);
          const known = groups.find(hash);
          own = known >= 0 ? known : groups.begin(owner, hash);
          expect(known >= 0).toBe(sizes.has(own));
          sizes.set(own, (sizes.get(own) ?? 0) + more);
          groups.touch(own, sizes.get(own)!, at);
          const left = [...sizes.values()];
          expect(groups.size).toBe(left.length);
          expect(groups.entries).toBe(left.reduce((sum, each) => sum + each, 0));
          expect(groups.bytes).toBe(left.reduce((sum, each) => sum + owner.bytesOf(each), 0));
          expect(groups.entries).toBeLessThanOrEqual(most);
          expect(groups.bytes).toBeLessThanOrEqual(most * 400);
        }
      }),
      { numRuns: 200 },
    );
    expect(evicted).toBeGreaterThan(1_000);
  });

  it("are found again by their hash, whatever came and went", () => {
    const owner = runningOf(counting(5));
    const groups = new Groups([owner], { entries: 3_000, bytes: 1e9, lateMs: 0 }, () => undefined);
    for (let i = 0; i < 20_000; i++) {
      const hash = hashOf(`${(i * 7_919) % 9_973}`);
      const known = groups.find(hash);
      groups.touch(known >= 0 ? known : groups.begin(owner, hash), 1, i);
      expect(groups.find(hash)).toBeGreaterThanOrEqual(0);
    }
    let found = 0;
    for (let i = 0; i < 9_973; i++) if (groups.find(hashOf(`${i}`)) >= 0) found++;
    expect(found).toBe(groups.size);
    expect(found).toBeGreaterThan(900);
  });
});

describe("windows that count in blocks", () => {
  it("find what windows of objects find, over long streams of many groups that come and go", () => {
    const question = counting(20);
    const owner = runningOf(question);
    const plan = owner.counting!;
    let counted: Counted | undefined;
    const windows = new Map<number, SlidingWindow>();
    const groups = new Groups([owner], { entries: 12_000, bytes: 1e9, lateMs: 500 }, (slot) => {
      counted!.close(slot);
      windows.delete(slot);
    });
    counted = new Counted(groups);
    const [one, other] = [new Outcome(), new Outcome()];
    let random = 1;
    const next = (below: number): number => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return (random >>> 8) % below;
    };
    let held = 0;
    for (let i = 0; i < 60_000; i++) {
      // First many small groups, then few large ones, so that blocks of all sizes are taken and given back.
      const hash = hashOf(i < 35_000 ? `s${next(25_000)}` : `l${next(40)}`);
      const known = groups.find(hash);
      const slot = known >= 0 ? known : groups.begin(owner, hash);
      const window = windows.get(slot) ?? new SlidingWindow(plan);
      windows.set(slot, window);
      const time = i - next(700) + next(20) * 30;
      const id = next(10) === 0 ? 1 : i;
      counted.file(slot, plan, time, id, one);
      window.file(time, id, 0, other);
      expect([one.filed, one.holds]).toEqual([other.filed, other.holds]);
      if (one.holds) {
        held++;
        expect([one.from, one.to, one.values]).toEqual([other.from, other.to, other.values]);
      }
      expect(counted.size(slot)).toBe(window.entries.size);
      if (one.filed === "filed") groups.touch(slot, counted.size(slot), i);
      if (i % 1_000 === 0) counted.tidy();
    }
    expect(held).toBeGreaterThan(1_000);
  });
});

describe("what windows say they take", () => {
  setFlagsFromString("--expose_gc");
  const gc = runInNewContext("gc") as () => void;
  const held = (): number => {
    gc();
    gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const distinct: Question = {
    ...{ kind: "measure", of: "text", shape: { kind: "sliding" } },
    measures: [{ kind: "distinct", bounds: { gte: 100 } }],
  };
  const together: Question = {
    kind: "occurrence",
    ordered: false,
    terms: [{ present: [0, 1, 2], absent: [] }],
  };

  it.each([
    ["counted", counting(1_000), 1],
    ["counted", counting(1_000), 6],
    ["counted with samples", counting(5), 1],
    ["counted with samples", counting(5), 4],
    ["distinct", distinct, 1],
    ["distinct", distinct, 6],
    ["together", together, 1],
    ["together", together, 6],
  ])("is about what they take: %s, events %#", (_, question, each) => {
    const deps = { clock: { now: () => 1e12 }, known: () => false, note: () => undefined };
    const own = {
      entries: 1e9,
      bytes: 1e12,
      groupEntries: 20_000,
      lateMs: 60_000,
      bodyBytes: 1_000,
      bodies: 100,
    };
    const groups = 20_000;
    const before = held();
    const correlator = new Correlator([correlationOf(question, 3_600_000)], deps as never, own);
    for (let i = 0; i < groups * each; i++) {
      const id = i.toString(16).padStart(32, "0");
      const event: Event = {
        id,
        log: { group: `10.0.0.${i % groups}`, value: `${i}` },
      };
      const ref = new EventRef(id, 1e12 + i, "", event);
      const hit = {
        doc: docOf(event),
        id,
        time: 1e12 + i,
        event: () => event,
        key: () => ref.key(),
        ref: () => ref,
      };
      correlator.take("r0", hit, []);
      if (i % 1_000 === 0) correlator.settle();
    }
    correlator.settle();
    const taken = (held() - before) / correlator.stats.bytes;
    expect(correlator.stats.groups).toBe(groups);
    expect(taken).toBeGreaterThan(0.6);
    expect(taken).toBeLessThan(1.5);
  });
});

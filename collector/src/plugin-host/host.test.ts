import { systemClock } from "@vedette/sdk";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Blocking } from "./blocking.ts";
import { Component } from "./component.ts";
import { valueAt, withoutRepeats } from "./duplicates.ts";
import { CallQueue } from "./queue.ts";
import { matchesType } from "./wildcard.ts";

const never = new AbortController().signal;

describe("a wildcard", () => {
  it("stands for any run of characters, as a regular expression would", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", ".", "*"), { maxLength: 8 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, text, (pattern, name) => {
        const plain = pattern.replaceAll(".", "\\.").replaceAll("*", ".*");
        expect(matchesType([pattern], name)).toBe(new RegExp(`^${plain}$`).test(name));
      }),
      { numRuns: 2_000 },
    );
    expect(matchesType(undefined, "any")).toBe(true);
    expect(matchesType([], "any")).toBe(false);
  });
});

describe("a part of a plugin", () => {
  const log = recordingLogger();
  const blocking = new Blocking({ log, clock: systemClock });
  afterAll(() => blocking.stop());
  const hold = (ms: number): void => {
    for (const until = performance.now() + ms; performance.now() < until; );
  };

  it("is named where it holds the process, at once or after a while, and how long", async () => {
    const part = (name: string) => new Component(name, "collect", 10_000, manualClock(), blocking);
    const [atOnce, later, quiet] = [part("at-once"), part("later"), part("quiet")];
    blocking.start();
    await quiet.run(never, async () => undefined);
    await atOnce.run(never, () => hold(150));
    await later.run(never, async () => {
      await new Promise((resolve) => setTimeout(resolve, 120));
      hold(400);
      await new Promise((resolve) => setTimeout(resolve, 120));
    });
    expect(atOnce.stats().longestBlockMs).toBeGreaterThanOrEqual(149);
    expect(later.stats().longestBlockMs).toBeGreaterThanOrEqual(300);
    expect(quiet.stats()).toMatchObject({ blockedMs: 0, longestBlockMs: 0 });
    const named = log.lines.flatMap(({ fields }) => (fields as { plugins?: string[] }).plugins ?? []);
    expect(named).toEqual(expect.arrayContaining(["at-once (collect)", "later (collect)"]));
    expect(named).not.toContain("quiet (collect)");
  });

  it("is not called again before a call that overstayed has really ended", async () => {
    const component = new Component("test", "periodic", 20, manualClock(), blocking);
    let end: () => void = () => undefined;
    let aborted = false;
    const hanging = component.run(never, (signal) => {
      signal.addEventListener("abort", () => (aborted = true));
      return new Promise<void>((resolve) => (end = resolve));
    });
    await expect(hanging).rejects.toThrow("did not end within 0.02 s");
    expect(aborted).toBe(true);
    await expect(component.run(never, () => 1)).rejects.toThrow("still busy");
    end();
    await new Promise((resolve) => setImmediate(resolve));
    await expect(component.run(never, () => 1)).resolves.toBe(1);
    expect(component.stats()).toMatchObject({ calls: 2, errors: 2, status: "healthy" });
  });

  it("takes so many at once, counts what it leaves out, and keeps their order", async () => {
    const component = new Component("test", "export", 1_000, manualClock(), blocking);
    const seen: number[] = [];
    const queue = new CallQueue<number>(component, async (item) => void seen.push(item), never);
    queue.add(Array.from({ length: 10_005 }, (_, index) => index));
    await queue.idle();
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, index) => index));
    expect(component.stats()).toMatchObject({ dropped: 5, waiting: 0 });
  });
});

describe("a duplicate rule", () => {
  const at = (seconds: number) => new Date(seconds * 1_000).toISOString();
  const rule = { same: ["origin.ip", "eventType"] as [string, string], withinSeconds: 30 };
  const event = (id: string, seconds: number, ip: string | undefined, log: object = {}) => ({
    ...{ id, "@timestamp": at(seconds), eventType: "security.ban", log: { ...log } },
    ...(ip === undefined ? {} : { origin: { ip } }),
  });
  /** A store that has events at some times, and counts how often it is asked. */
  const storeOf = (times: readonly number[]) => {
    const questions: number[] = [];
    const like = async (_: unknown, withinMs: number, asks: readonly { index: number; time: number }[]) => {
      questions.push(asks.length);
      const near = asks.filter(({ time }) => times.some((each) => Math.abs(each * 1_000 - time) <= withinMs));
      return new Set(near.map(({ index }) => index));
    };
    return { like, questions };
  };
  const idsOf = (events: readonly { id?: string | undefined }[]) => events.map(({ id }) => id);

  it("finds the earlier event with the same values around the same time, asking the store once for all", async () => {
    const store = storeOf([500]);
    const events = [
      event("a", 100, "192.0.2.1"),
      ...[event("b", 130, "192.0.2.1"), event("c", 131, "192.0.2.1"), event("d", 100, "192.0.2.2")],
      ...[event("e", 100, undefined), event("f", 520, "192.0.2.9")],
    ];
    expect(idsOf(await withoutRepeats(events, [rule], store, never))).toEqual(["a", "c", "d", "e"]);
    expect(store.questions).toEqual([5]);
  });

  it("gives the kept event what it lacks, and takes nothing away", async () => {
    const rules = [
      { ...rule, backfill: ["origin.geolocation.country", "log.action", "log.why", "severity"] },
    ];
    const first = { ...event("a", 100, "192.0.2.1", { why: "first" }) };
    const second = {
      ...event("b", 101, "192.0.2.1", { why: "second", action: 7 }),
      origin: { ip: "192.0.2.1", geolocation: { country: "Norway" } },
    };
    const [kept, ...more] = await withoutRepeats([first, second], rules, storeOf([]), never);
    expect(more).toEqual([]);
    expect(kept).toMatchObject({
      ...{ id: "a", log: { why: "first", action: 7 }, origin: { geolocation: { country: "Norway" } } },
    });
    expect(kept).not.toHaveProperty("severity");
  });

  it("reads scalars at paths only", () => {
    expect(valueAt({ origin: { port: 22 } }, "origin.port")).toBe("22");
    expect(valueAt({ origin: { port: 22 } }, "origin")).toBe("");
    expect(valueAt({}, "constructor.name")).toBe("");
  });
});

import { manualClock } from "@vedette/sdk/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Component } from "./component.ts";
import { originalOf, valueAt } from "./duplicates.ts";
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
  it("is not called again before a call that overstayed has really ended", async () => {
    const component = new Component("periodic", 20, manualClock());
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
    const component = new Component("export", 1_000, manualClock());
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
  const known = { ids: async () => new Set<string>(), like: async () => undefined };
  const rule = { same: ["origin.ip", "eventType"] as [string, string], withinSeconds: 30 };
  const event = (id: string, seconds: number, ip: string | undefined) => ({
    ...{ id, "@timestamp": at(seconds), eventType: "security.ban" },
    ...(ip === undefined ? {} : { origin: { ip } }),
  });

  it("finds the earlier event with the same values around the same time", async () => {
    const fresh = [event("a", 100, "192.0.2.1")];
    const original = (other: ReturnType<typeof event>) => originalOf(other, [rule], fresh, known, never);
    expect(await original(event("b", 130, "192.0.2.1"))).toBe("a");
    expect(await original(event("b", 131, "192.0.2.1"))).toBeUndefined();
    expect(await original(event("b", 100, "192.0.2.2"))).toBeUndefined();
    expect(await original(event("b", 100, undefined))).toBeUndefined();
  });

  it("reads scalars at paths only", () => {
    expect(valueAt({ origin: { port: 22 } }, "origin.port")).toBe("22");
    expect(valueAt({ origin: { port: 22 } }, "origin")).toBe("");
    expect(valueAt({}, "constructor.name")).toBe("");
  });
});

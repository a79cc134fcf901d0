import { recordingLogger } from "@vedette/sdk/testing";
import { expect, it } from "vitest";
import { type Gauges, Governor, type Limits } from "./governor.ts";

/** A process whose CPU time, memory and clock the test moves; waiting lets the clock run. */
function governed(limits: Limits) {
  const state = { cpuMs: 0, rss: 0, now: 0, waited: 0, collected: 0, afterCollection: Number.NaN };
  const gauges: Gauges = {
    cpuMs: () => state.cpuMs,
    rssBytes: () => state.rss,
    now: () => state.now,
    wait: async (ms) => {
      state.waited += ms;
      state.now += ms;
    },
    collectGarbage: () => {
      state.collected++;
      if (!Number.isNaN(state.afterCollection)) state.rss = state.afterCollection;
    },
  };
  const log = recordingLogger();
  const governor = new Governor(limits, { log, signal: new AbortController().signal }, gauges);
  /** Uses CPU time as a batch does on a core of its own, and waits where told. */
  const batch = async (cpuMs: number): Promise<void> => {
    state.cpuMs += cpuMs;
    state.now += cpuMs;
    await governor.hold();
  };
  return { state, governor, batch, log };
}

it("never waits without limits", async () => {
  const { state, batch } = governed({});
  for (let n = 0; n < 100; n++) await batch(1_000);
  expect(state.waited).toBe(0);
});

it.each([10, 25, 50, 90, 200])(
  "uses no more than %i percent of a core in the long run",
  async (cpuPercent) => {
    const { state, batch } = governed({ cpuPercent });
    for (let n = 0; n < 2_000; n++) await batch(20);
    const used = (state.cpuMs / state.now) * 100;
    expect(used).toBeLessThanOrEqual(Math.min(100, cpuPercent * 1.05));
    // Nor much less, once the saved-up second is spent.
    expect(used).toBeGreaterThan(Math.min(100, cpuPercent) * 0.9);
  },
);

it("lets an idle agent catch up with a burst, but not with all the time it was idle", async () => {
  const { state, batch } = governed({ cpuPercent: 50 });
  state.now += 3_600_000;
  for (let n = 0; n < 90; n++) await batch(20);
  expect(state.waited).toBe(0);
  for (let n = 0; n < 90; n++) await batch(20);
  expect(state.waited).toBeGreaterThan(500);
});

it("frees memory above the limit, and slows down with a warning where that is not enough", async () => {
  const { state, batch, log } = governed({ memoryMiB: 100 });
  state.rss = 150 * 2 ** 20;
  state.afterCollection = 90 * 2 ** 20;
  await batch(20);
  expect([state.collected, state.waited]).toEqual([1, 0]);
  state.rss = 150 * 2 ** 20;
  state.afterCollection = 140 * 2 ** 20;
  await batch(20);
  expect(state.waited).toBe(1_000);
  expect(log.lines.map(({ message }) => message)).toEqual([
    "Memory is above its limit; less is read until it is not.",
  ]);
});

it("takes changed limits at once", async () => {
  const { state, governor, batch } = governed({ cpuPercent: 1 });
  for (let n = 0; n < 200; n++) await batch(20);
  const { waited } = state;
  governor.change({});
  for (let n = 0; n < 200; n++) await batch(20);
  expect(state.waited).toBe(waited);
});

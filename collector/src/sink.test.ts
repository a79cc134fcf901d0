import type { Batch } from "@vedette/core/batch";
import type { Alert } from "@vedette/sdk";
import { manualClock } from "@vedette/sdk/testing";
import { expect, it } from "vitest";
import { batchFrom, sshFailure } from "./detect/testing/events.ts";
import { createSink } from "./sink.ts";

const { signal } = new AbortController();

/** A sink whose inserts of events end when they are told to, and what it did in its order. */
function opened() {
  const did: string[] = [];
  let settle: { done: () => void; fail: (error: Error) => void } | undefined;
  const sink = createSink({
    enrich: { enrich: (batch: Batch) => batch } as never,
    detection: {
      process: () => {
        did.push("rules");
        return [{ id: "one" } as Alert];
      },
      stored: () => did.push("forgotten"),
    } as never,
    alerting: {
      keep: async (alerts: readonly Alert[], token: string) => {
        did.push(`alerts ${token.replace(/^.*:/, "")}`);
        return alerts;
      },
      hear: () => {},
    },
    store: {
      insertEvents: () =>
        new Promise((resolve, reject) => {
          settle = { done: () => resolve({ rows: 1 }), fail: reject };
        }),
      insertRows: async (table: string) => void did.push(`rows of ${table}`),
    } as never,
    tail: { publish: () => {} } as never,
    respond: {
      stored: async () => void did.push("jobs of events"),
      alerted: async () => void did.push("jobs of alerts"),
    },
    plugins: { stored: () => {}, alerted: () => did.push("told") },
    clock: manualClock(0),
    sockets: undefined,
    signal,
  });
  const store = () => sink.store([batchFrom([sshFailure("a", 0)])], signal);
  const turns = async () => {
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { did, store, turns, events: () => settle! };
}

it("stores alerts while events are stored, and starts nothing before both are", async () => {
  const { did, store, turns, events } = opened();
  const done = store();
  await turns();
  expect(did).toEqual(["rules", "alerts alerts"]);
  events().done();
  await done;
  expect(did.slice(2)).toEqual(["jobs of events", "jobs of alerts", "rows of batches", "forgotten", "told"]);
});

it("notes nothing and tells nobody where the events were not taken; the repeat does it", async () => {
  const { did, store, turns, events } = opened();
  const failed = store();
  await turns();
  events().fail(new Error("no store"));
  await expect(failed).rejects.toThrow("no store");
  expect(did).toEqual(["rules", "alerts alerts"]);
  const again = store();
  await turns();
  events().done();
  await again;
  expect(did.slice(2, 4)).toEqual(["rules", "alerts alerts"]);
  expect(did.at(-1)).toBe("told");
});

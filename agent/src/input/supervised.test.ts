import type { Input, InputLog, InputSink } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { expect, it } from "vitest";
import { until } from "../testing/until.ts";
import { InputSet } from "./input-set.ts";
import { SupervisedInput } from "./supervised.ts";

const logs: InputLog[] = [];
const sink: InputSink = { push: (log) => void logs.push(log) };

/** An input that runs until it is told to stop. */
const steady = (signal: AbortSignal, over: Partial<Input> = {}): Input => ({
  run: () => new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
  durable: () => undefined,
  ...over,
});

function supervised(id: string, open: (attempt: number, signal: AbortSignal) => Promise<Input>) {
  const stop = new AbortController();
  const log = recordingLogger();
  const order: string[] = [];
  let attempts = 0;
  const input = new SupervisedInput(
    { id, type: "test", config: "", open: (signal) => open(++attempts, signal) },
    {
      log,
      signal: stop.signal,
      failed: (reason) => void order.push(reason),
      settled: async () => void order.push("settled"),
    },
  );
  return { input, stop, log, order, attempts: () => attempts };
}

it("opens a failed input again, after closing it and settling what it pushed", async () => {
  const { input, stop, order, log } = supervised("a", async (attempt, signal) => {
    order.push(`open ${attempt}`);
    if (attempt === 1) throw new Error("The port is taken.");
    const close = async () => void order.push(`close ${attempt}`);
    if (attempt === 2) return steady(signal, { run: () => Promise.reject(new Error("Lost.")), close });
    return steady(signal, { close, health: () => ({ status: "healthy", message: "Fine." }) });
  });
  const running = input.run(sink);
  await until("it says why it does not run", () => input.health().message.includes("The port is taken."));
  expect(input.health().status).toBe("warning");
  await until("it runs", () => input.health().message === "Fine.");
  stop.abort();
  await running;
  await input.close();
  await input.close();
  const failed = ["settled", "input_failed"];
  expect(order).toEqual(["open 1", ...failed, "open 2", "close 2", ...failed, "open 3", "close 3"]);
  expect(log.lines.filter(({ level }) => level === "error")).toHaveLength(2);
});

it("takes an early end for a failure", async () => {
  const { input, stop, attempts } = supervised("a", async (attempt, signal) =>
    steady(signal, attempt === 1 ? { run: async () => undefined } : {}),
  );
  const running = input.run(sink);
  await until("it is opened again", () => attempts() === 2 && !input.failing);
  stop.abort();
  await running;
});

/** Inputs of these names, and what ends them. */
function setOf(opens: Readonly<Record<string, (signal: AbortSignal) => Promise<Input>>>) {
  const stop = new AbortController();
  const deps = {
    log: recordingLogger(),
    signal: stop.signal,
    failed: () => undefined,
    settled: async () => undefined,
  };
  const plans = Object.entries(opens).map(([id, open]) => ({ id, type: "test", config: "", open }));
  const set = new InputSet(plans, deps);
  const running = set.run(sink);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  return { set, plans, end };
}

it("tells an input and no other that its logs are durable, and survives what it throws", async () => {
  const told: string[] = [];
  const opened: string[] = [];
  const open = (name: string) => async (signal: AbortSignal) => {
    opened.push(name);
    return steady(signal, {
      durable: ({ source }) => {
        told.push(`${name}: ${source}`);
        throw new Error("No.");
      },
    });
  };
  const { set, end } = setOf({ a: open("a"), b: open("b") });
  await until("both run", () => opened.length === 2);
  await Promise.resolve();
  for (const source of ["a/x", "b/y", "a/z", "c/x", "f00d"]) set.durable({ source, offset: 0, end: 1 });
  expect(told).toEqual(["a: a/x", "b: b/y", "a: a/z"]);
  await end();
});

it("is a warning when one of several fails, an error when all do", async () => {
  const bad = () => Promise.reject(new Error("Broken."));
  const some = setOf({ good: async (signal) => steady(signal), bad });
  const all = setOf({ bad });
  await until("one fails", () => some.set.health() !== undefined && all.set.health() !== undefined);
  expect(some.set.health()).toMatchObject({
    status: "warning",
    message: expect.stringContaining("Broken."),
  });
  expect(all.set.health()?.status).toBe("error");
  await some.end();
  await all.end();
});

it("changes only what differs, old inputs ended before new ones are opened", async () => {
  const order: string[] = [];
  const open = (name: string) => async (signal: AbortSignal) => {
    order.push(`open ${name}`);
    return steady(signal, { close: async () => void order.push(`close ${name}`) });
  };
  const { set, plans, end } = setOf({ a: open("a"), b: open("b"), c: open("c") });
  await until("all are open", () => order.length === 3);
  order.length = 0;
  const next = [
    plans[0]!,
    { ...plans[1]!, config: "other", open: open("b2") },
    { id: "d", type: "test", config: "", open: open("d") },
  ];
  const changes = await set.change(next, sink, () => void order.push("ready"));
  expect(changes).toEqual({ added: ["d"], changed: ["b"], removed: ["c"] });
  expect(order).toEqual(["close b", "close c", "open b2", "open d", "ready"]);
  expect(set.report().map(({ name }) => name)).toEqual(["a", "b", "d"]);
  await end();
});

it("goes back to what was when a new input cannot be opened", async () => {
  const order: string[] = [];
  const open = (name: string) => async (signal: AbortSignal) => {
    order.push(`open ${name}`);
    return steady(signal, { close: async () => void order.push(`close ${name}`) });
  };
  const { set, plans, end } = setOf({ a: open("a"), b: open("b") });
  await until("both are open", () => order.length === 2);
  order.length = 0;
  const next = [
    { ...plans[0]!, config: "other", open: open("a2") },
    { id: "d", type: "test", config: "", open: () => Promise.reject(new Error("The port is taken.")) },
  ];
  const ready = (): void => void order.push("ready");
  await expect(set.change(next, sink, ready)).rejects.toThrow("The port is taken.");
  await until(
    "the old ones are open again",
    () => order.filter((what) => /open [ab]$/.test(what)).length === 2,
  );
  expect(order.slice(0, 4)).toEqual(["close a", "close b", "open a2", "close a2"]);
  expect(order).not.toContain("ready");
  expect(set.report().map(({ name }) => name)).toEqual(["a", "b"]);
  await end();
});

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
    { id, type: "test", open: (signal) => open(++attempts, signal) },
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
  await until("it runs", () => input.health().message === "Fine.", 10_000);
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
  await until("it is opened again", () => attempts() === 2 && !input.failing, 10_000);
  stop.abort();
  await running;
});

it("tells an input and no other that its logs are durable, and survives what it throws", async () => {
  const told: string[] = [];
  const open = (name: string) =>
    supervised(name, async (_, signal) =>
      steady(signal, {
        durable: ({ source }) => {
          told.push(`${name}: ${source}`);
          throw new Error("No.");
        },
      }),
    );
  const [a, b] = [open("a"), open("b")];
  const set = new InputSet([a.input, b.input]);
  const running = set.run(sink);
  await until("both run", () => a.attempts() + b.attempts() === 2);
  for (const source of ["a/x", "b/y", "a/z", "c/x", "f00d"]) set.durable({ source, offset: 0, end: 1 });
  expect(told).toEqual(["a: a/x", "b: b/y", "a: a/z"]);
  a.stop.abort();
  b.stop.abort();
  await running;
});

it("is a warning when one of several fails, an error when all do", async () => {
  const good = supervised("good", async (_, signal) => steady(signal));
  const bad = supervised("bad", () => Promise.reject(new Error("Broken.")));
  const set = new InputSet([good.input, bad.input]);
  const alone = new InputSet([bad.input]);
  const running = set.run(sink);
  await until("one fails", () => bad.input.failing);
  expect(set.health()).toMatchObject({ status: "warning", message: expect.stringContaining("Broken.") });
  expect(alone.health()?.status).toBe("error");
  good.stop.abort();
  bad.stop.abort();
  await running;
});

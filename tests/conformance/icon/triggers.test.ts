import { join } from "node:path";
import { Dispatcher, SeenEvents, type TriggerEvent, TriggerRunner } from "@vedette/core/plugins/icon";
import { systemClock } from "@vedette/sdk";
import { eventually } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { hostileBench } from "./bench.ts";
import { noPython } from "./python.ts";

let bench: ReturnType<typeof hostileBench>;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  bench.stop.abort();
  for (const close of closing.splice(0)) await close();
  bench.close();
});

async function start(id: string, dispatch?: (event: TriggerEvent) => Promise<void>) {
  const { plugin, command, dir, log, stop, notes } = bench;
  const ids: number[] = [];
  const dropped: string[] = [];
  const failed: string[] = [];
  const seen = new SeenEvents(join(dir, "seen"), 100);
  await seen.open();
  const dispatcher = await Dispatcher.open();
  const runner = new TriggerRunner(
    { id, input: { path: notes }, connection: {}, minRestartMs: 50, maxRestartMs: 200 },
    {
      plugin,
      command,
      dispatcher,
      seen,
      log,
      clock: systemClock,
      signal: stop.signal,
      dropped: (reason) => void dropped.push(reason),
      failed: (reason) => void failed.push(reason),
      dispatch: async (event) => {
        await dispatch?.(event);
        ids.push((event.output as { row: { id: number } }).row.id);
      },
    },
  );
  const running = runner.run();
  closing.push(async () => {
    await running;
    await seen.close();
    await dispatcher.close();
  });
  return { runner, ids, dropped, failed };
}

/** As a restart of Vedette: the trigger is stopped and everything is closed. */
async function stopAll(): Promise<void> {
  bench.stop.abort();
  for (const close of closing.splice(0)) await close();
}

describe.skipIf(noPython !== undefined)(`a trigger that misbehaves ${noPython ?? ""}`, () => {
  it("is started again when it dies, and what it repeats comes once, over our restarts too", async () => {
    bench = hostileBench();
    const { ids, dropped } = await start("dies");
    await eventually("three starts", () => ids.length >= 6);
    expect(ids.slice(0, 3)).toEqual([1, 2, 3]);
    expect(ids.filter((id) => id <= 3)).toEqual([1, 2, 3]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(dropped.every((reason) => reason === "repeat")).toBe(true);
    expect(bench.noted().every((line) => line.endsWith(" 200"))).toBe(true);
    await stopAll();
    const again = { ...bench, stop: new AbortController() };
    bench = again;
    const later = await start("dies");
    await eventually("another start", () => later.ids.length >= 1);
    expect(later.ids.filter((id) => id <= 3)).toEqual([]);
  });

  it("waits until its event is kept", async () => {
    bench = hostileBench();
    let full = true;
    const { ids, runner } = await start("dies", async () => {
      if (full) throw new Error("The disk is full.");
    });
    await eventually("the failure", () => runner.health().message.includes("The disk is full."));
    expect(bench.noted()).toEqual([]);
    full = false;
    await eventually("the events", () => ids.length >= 4);
    expect(ids.slice(0, 3)).toEqual([1, 2, 3]);
  });

  it("loses none of a flood on stdout, and makes it wait", async () => {
    bench = hostileBench();
    const { ids } = await start("floods");
    await eventually("all events", () => ids.length === 300);
    expect(ids).toEqual(Array.from({ length: 300 }, (_, index) => index));
  });

  it("is told which events do not fit, and keeps running", async () => {
    bench = hostileBench();
    const { ids, dropped } = await start("lies");
    await eventually("its events", () => bench.noted().length === 3);
    expect(bench.noted()).toEqual(["400", "400", "200"]);
    expect(ids).toEqual([5]);
    expect(dropped).toEqual(["bad_output", "bad_output"]);
  });

  it("is ended when it takes more memory than it may, and is started again", async () => {
    bench = hostileBench({ maxMemoryBytes: 64 * 2 ** 20 });
    const { ids, failed, runner } = await start("hogs");
    await eventually("two ends", () => failed.length >= 2 && ids.length >= 3);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(failed)).toEqual(new Set(["memory"]));
    await eventually("its health", () => runner.health().message.includes("more memory than it may"));
  });

  it("does not start with input that does not fit", async () => {
    bench = hostileBench();
    bench.notes satisfies string;
    const dispatcher = await Dispatcher.open();
    const { plugin, command, log, stop } = bench;
    const runner = new TriggerRunner(
      { id: "dies", input: {}, connection: {}, minRestartMs: 50, maxRestartMs: 200 },
      {
        plugin,
        command,
        dispatcher,
        seen: undefined,
        log,
        clock: systemClock,
        signal: stop.signal,
        dispatch: async () => {},
      },
    );
    await expect(runner.run()).rejects.toMatchObject({ code: "plugin.bad_input" });
    await dispatcher.close();
  });

  it("answers strangers with 404 and large events with 413", async () => {
    bench = hostileBench();
    const dispatcher = await Dispatcher.open();
    const route = dispatcher.route(async () => {});
    const post = async (url: string, body: string) => (await fetch(url, { method: "POST", body })).status;
    expect(await post(route.url, "{}")).toBe(200);
    expect(await post(route.url, "no json")).toBe(400);
    expect(await post(`${route.url}0`, "{}")).toBe(404);
    expect(await post(route.url, "x".repeat(17 * 1024 * 1024))).toBe(413);
    route.close();
    expect(await post(route.url, "{}")).toBe(404);
    await dispatcher.close();
  });
});

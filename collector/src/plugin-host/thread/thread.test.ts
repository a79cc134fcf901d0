import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEgress, type PluginContext, systemClock } from "@vedette/sdk";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { PluginThread } from "./thread.ts";

/** What a plugin may do in its thread, by the name of a hook. */
const source = `
import { VedetteError, defineConnection, definePlugin, settings } from "@vedette/sdk";
import { z } from "zod";
const said = { description: "Does what it should not." };
const desk = defineConnection({
  title: "Desk",
  settings: z.strictObject({ host: z.string() }),
  open: ({ host }) => { opened++; return { ask: () => "answered by " + host }; },
  test: async ({ host }) => ({ status: host === "good" ? "healthy" : "error", message: host }),
});
let opened = 0;
export const plugin = definePlugin({
  id: "odd", name: "Odd", version: "1.0.0", description: said.description, apiVersion: 1,
  settings: settings({}), locales: { en: said, de: said }, connections: { desk },
  periodic: { tick: () => { for (;;); } },
  correlate: { correlate: async () => { const all = []; for (;;) all.push(new Array(100_000).fill({})); } },
  notify: {
    notify: () => process.exit(3),
    channels: { desk: { send: async ({ id }, client) => id + " " + client.ask() + " " + opened } },
  },
  export: {
    event: ({ raw }, context) => Promise.all(Array.from({ length: 1_000 }, () => context.emit({ raw }))),
    asset: () => { throw new VedetteError("action.refused", "Not today.", { verdict: "drop" }); },
  },
  collect: { async *collect({ backlog }) { for (let n = 0; n < 450; n++) yield { raw: "line " + n }; backlog({ more: true }); } },
  assets: { assets: () => [{ id: "a" }, { id: "b", f: () => 1 }] },
  analyze: { *analyze(event) { yield { name: event.raw }; } },
  async health({ state, log, connection, settings }) {
    await state.set("seen", ((await state.get("seen")) ?? 0) + 1);
    for (let n = 0; n < 1_000; n++) log.info({ n }, "Much.");
    const said = [await state.get("seen"), settings.word, (await connection(desk, "main")).ask()];
    return { status: "healthy", message: said.join(" ") + " " + ("SECRET_OF_TEST" in process.env) };
  },
});
`;

describe("the thread of a plugin", () => {
  const dir = mkdtempSync(join(tmpdir(), "vt-"));
  const place = join(dir, "odd");
  mkdirSync(place);
  writeFileSync(join(place, "index.mjs"), source);
  process.env["SECRET_OF_TEST"] = "x";
  const open: PluginThread[] = [];
  const threadOf = (options = {}): PluginThread => {
    const connection = async (kind: string, name: string) => ({ host: `${kind}/${name}` });
    const thread = new PluginThread({ place, allow: [], memoryMiB: 32, connection, ...options });
    open.push(thread);
    return thread;
  };
  afterEach(() => Promise.all(open.splice(0).map((thread) => thread.stop())));
  afterAll(() => {
    delete process.env["SECRET_OF_TEST"];
    rmSync(dir, { recursive: true, force: true });
  });

  const seen = { emitted: [] as (readonly unknown[])[], lines: 0, backlog: undefined as unknown };
  const state = new Map<string, unknown>();
  beforeEach(() => {
    Object.assign(seen, { emitted: [], lines: 0, backlog: undefined });
    state.clear();
  });
  const contextOf = (signal = new AbortController().signal): PluginContext<unknown> => {
    const line = () => void seen.lines++;
    return {
      ...{ settings: { word: "set" }, clock: systemClock, signal, egress: createEgress({ allow: [] }) },
      log: { debug: line, info: line, warn: line, error: line },
      state: {
        get: async (key) => state.get(key) as never,
        set: async (key, value) => void state.set(key, value),
        delete: async (key) => void state.delete(key),
      },
      emit: async (...events) => void seen.emitted.push(events),
      backlog: (left) => {
        seen.backlog = left;
      },
      exportAsset: async () => undefined,
      assets: { list: async () => [], released: async () => undefined },
      connection: async () => undefined as never,
    };
  };
  const mark = "\0context";

  it("gives hooks their context, and takes what they give", async () => {
    const thread = threadOf();
    const health = { status: "healthy", message: "1 set answered by desk/main false" };
    expect(await thread.call(["health"], [mark], contextOf())).toEqual(health);
    expect(seen.lines).toBeGreaterThanOrEqual(200);
    // 200 a second, and a busy machine may need some seconds for 1,000.
    expect(seen.lines).toBeLessThan(1_000);
    await thread.call(["collect", "collect"], [mark], contextOf());
    expect(seen.emitted.map(({ length }) => length)).toEqual([200, 200, 50]);
    expect(seen.backlog).toEqual({ more: true });
    const found = await thread.call(["analyze", "analyze"], [{ raw: "this" }, mark], contextOf());
    expect(found).toEqual([{ name: "this" }]);
    expect(thread.stats()).toMatchObject({ isRunning: true, restarts: 0 });
  });

  it("tests connections, and opens each for a channel once", async () => {
    const thread = threadOf();
    const test = (host: string) =>
      thread.call(["connections", "desk", "test"], [{ host }, mark], contextOf());
    expect(await test("good")).toEqual({ status: "healthy", message: "good" });
    expect(await test("bad")).toEqual({ status: "error", message: "bad" });
    const send = (id: string, host: string) =>
      thread.call(["notify", "channels", "desk", "send"], [{ id }, { host }, mark], contextOf());
    expect(await send("1", "a")).toBe("1 answered by a 1");
    expect(await send("2", "b")).toBe("2 answered by b 2");
    expect(await send("3", "a")).toBe("3 answered by a 2");
  });

  it("ends one that never returns when its time is over, and starts it again", async () => {
    const thread = threadOf();
    await thread.call(["health"], [mark], contextOf());
    const looping = thread.call(["periodic", "tick"], [mark], contextOf(AbortSignal.timeout(50)));
    const beside = thread.call(["health"], [mark], contextOf());
    await expect(looping).rejects.toThrow("periodic.tick did not end when its time was over");
    await expect(beside).rejects.toThrow("The plugin's thread ended");
    await expect(thread.call(["health"], [mark], contextOf())).rejects.toThrow("is not started again before");
    await expect
      .poll(() => thread.call(["health"], [mark], contextOf()).catch(() => "not yet"), { timeout: 60_000 })
      .toMatchObject({ status: "healthy" });
    expect(thread.stats().restarts).toBe(1);
  });

  it("ends one that fills memory, and outlives one that ends itself", async () => {
    await expect(threadOf().call(["correlate", "correlate"], [{}, mark], contextOf())).rejects.toThrow(
      "it used more than 32 MiB of memory",
    );
    await expect(threadOf().call(["notify", "notify"], [{}, mark], contextOf())).rejects.toThrow(
      "it ended with code 3",
    );
  });

  it("hands on what was thrown, and refuses floods and what cannot be copied", async () => {
    const thread = threadOf();
    await expect(thread.call(["export", "asset"], [{}, mark, false], contextOf())).rejects.toMatchObject({
      ...{ code: "action.refused", message: "Not today.", verdict: { verdict: "drop" } },
    });
    await expect(thread.call(["export", "event"], [{ raw: "x" }, mark], contextOf())).rejects.toThrow(
      "More than 64 calls of the context at a time",
    );
    expect(seen.emitted.length).toBeLessThanOrEqual(64);
    await expect(thread.call(["assets", "assets"], [mark], contextOf())).rejects.toThrow(
      "could not be cloned",
    );
    await expect(thread.call(["export", "asset"], [() => 1, mark], contextOf())).rejects.toThrow("cloned");
  });

  it("says so where the plugin does not load", async () => {
    const thread = threadOf({ place: join(dir, "nowhere") });
    await expect(thread.call(["health"], [mark], contextOf())).rejects.toThrow("has none of index.ts");
  });
});

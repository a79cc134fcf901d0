import { describe, expect, it } from "vitest";
import { ConfigError, parseSource } from "../config/index.ts";
import type { Draft } from "./draft.ts";
import { compilePipelines } from "./load.ts";
import type { DynamicAnswer, DynamicCall, DynamicHost, SentDraft } from "./steps/index.ts";

const stage = (steps: string): string => `pipeline: [{dataTypes: [test], steps: [${steps}]}]`;
const call = "{dynamic: {plugin: geo, params: {source: [origin.ip, null]}}}";
const next = "{set: {fields: {action: next}}}";
const load = (steps: string, callsPlugins = true) =>
  compilePipelines([parseSource(stage(steps), "test.yaml")], { callsPlugins });

const log = {
  id: "id-1",
  time: Date.parse("2026-10-10T12:00:00Z"),
  timestamp: "2026-10-10T12:00:00.000Z",
  dataSource: "host-1",
  tenantId: "",
  raw: "line",
};
type One = (call: DynamicCall & SentDraft) => Promise<DynamicAnswer>;
const hostOf = (one: One): DynamicHost => ({
  parse: (call, drafts) =>
    Promise.all(drafts.map((draft) => one({ ...call, ...draft }).catch((error: Error) => error))),
});
const run = async (host: { readonly parse: One }, steps = `${call}, ${next}`): Promise<Draft> =>
  (await load(steps).waiting("test", hostOf(host.parse)).run([log]))[0]!;

describe("a pipeline that waits for a plugin", () => {
  it("goes on with what the plugin answered, and keeps what is the log's own", async () => {
    const asked: unknown[] = [];
    const draft = await run({
      parse: async ({ plugin, params, root }) => {
        asked.push(plugin, params, root.raw);
        return { root: { raw: "forged", id: "x", "@timestamp": "never", protocol: "tcp" }, errors: ["odd"] };
      },
    });
    expect(asked).toEqual(["geo", { source: ["origin.ip", null] }, "line"]);
    expect(draft.root).toMatchObject({ raw: "line", id: "id-1", protocol: "tcp", action: "next" });
    expect(draft.root["@timestamp"]).toBe(log.timestamp);
    expect(draft.errors).toEqual(["odd"]);
  });

  it("keeps the draft where the plugin fails", async () => {
    const draft = await run({ parse: () => Promise.reject(new Error("no answer in time")) });
    expect(draft.errors).toEqual(["Step 1 (dynamic): no answer in time"]);
    expect(draft.root).toMatchObject({ raw: "line", action: "next" });
  });

  it("does not ask where the condition is false", async () => {
    let calls = 0;
    const steps = `{dynamic: {plugin: geo, where: 'equals("raw", "other")'}}, ${next}`;
    const draft = await run({ parse: async ({ root }) => ({ root, errors: [String(calls++)] }) }, steps);
    expect(calls).toBe(0);
    expect(draft.errors).toEqual([]);
  });

  it("does what onError says", async () => {
    const steps = `{dynamic: {plugin: geo, onError: drop}}, ${next}`;
    const draft = await run({ parse: () => Promise.reject(new Error("gone")) }, steps);
    expect(draft.dropped).toBe(true);
  });

  it("is one only where a step waits", () => {
    expect(load(next).waits("test")).toBe(false);
    expect(load(call).waits("other")).toBe(false);
    expect(load(call).waits("test")).toBe(true);
  });

  it("has a warning where nobody calls plugins, and an error in every event", () => {
    const set = load(`${call}, ${next}`, false);
    expect(set.plan.warnings).toMatchObject([
      { line: 1, column: 59, path: "pipeline[0].steps[0].dynamic.plugin", severity: "warning" },
    ]);
    const plain = { id: "1", dataType: "test", dataSource: "h", "@timestamp": log.timestamp, raw: "line" };
    expect(set.process(plain)).toMatchObject({
      event: { action: "next", errors: ["Step 1 (dynamic): plugin geo is not connected"] },
    });
  });

  it("refuses such a step inside another, with the way out", () => {
    const inside = `{switch: {cases: [{when: "true", steps: [${call}]}]}}`;
    const message = /cannot stand inside another step[\s\S]*"where"/;
    expect(() => load(`{json: {source: raw, onError: [${call}]}}`)).toThrow(message);
    expect(() => load(inside)).toThrow(ConfigError);
  });
});

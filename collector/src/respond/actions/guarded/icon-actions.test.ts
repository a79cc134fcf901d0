import { VedetteError } from "@vedette/sdk";
import { manualClock } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { guardedIconAction } from "../../../config/actions.ts";
import type { HostedActions } from "../icon.ts";
import { guardedIconActions } from "./icon-actions.ts";
import { closeAll, reaches, rig } from "./testing/rig.ts";

afterEach(closeAll);

interface Call {
  readonly id: string;
  readonly input: object;
  readonly connection: object;
}

const setUp = (failures: unknown[] = []) => {
  const calls: Call[] = [];
  const actions = new Map(["block", "unblock"].map((id) => [id, { title: `Title of ${id}` }]));
  const plugin = {
    spec: { name: "cloud_wall", actions },
    run: async ({ id, input, connection }: Call) => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      calls.push({ id, input, connection });
      return { output: {} };
    },
  };
  const hosted = {
    plugin,
    connections: { default: { zone: "z1" } },
    kind: undefined,
  } as unknown as HostedActions;
  const given = guardedIconAction.parse({
    ...{ targetInput: "address", targets: ["ip", "cidr"], input: { list: "bad" }, ttlInput: "seconds" },
    undo: { action: "unblock", input: { list: "bad" } },
  });
  const lease = () => ({ connection: async () => ({}), release: () => undefined }) as never;
  const make = (id = "block") =>
    guardedIconActions([hosted], new Map([[hosted, { [id]: given }]]), lease, manualClock());
  return { calls, make };
};

describe("actions of InsightConnect plugins that the configuration calls critical", () => {
  it("go through the guards, last for a time and are undone by the plugin", async () => {
    const { calls, make } = setUp();
    const { actions, clock, ask } = await rig({}, { more: make() });
    const block = { action: "cloud_wall/block", ttlSeconds: 60 };
    expect((await actions.run(ask("10.0.0.1", block))).refusal?.guard).toBe("never_touch");
    const { run } = await actions.run(ask("2a01:4f8::7", block));
    await reaches(actions, run.id, "standing");
    clock.advance(60_000);
    await reaches(actions, run.id, "lifted");
    expect(calls).toEqual([
      {
        ...{ id: "block", connection: { zone: "z1" } },
        input: { list: "bad", address: "2a01:4f8::/64", seconds: 60 },
      },
      { id: "unblock", connection: { zone: "z1" }, input: { list: "bad", address: "2a01:4f8::/64" } },
    ]);
  });

  it("are told apart by what their failure means: said by the plugin, or cut off", async () => {
    const said = new VedetteError("plugin.failed", "No such list.", { verdict: "drop" });
    const cut = new VedetteError("plugin.timed_out", "Too slow.", { verdict: "retry" });
    const { make } = setUp([said, cut]);
    const { actions, ask } = await rig({}, { more: make() });
    const first = await actions.run(ask("198.41.0.4", { action: "cloud_wall/block" }));
    expect(await reaches(actions, first.run.id, "failed")).toMatchObject({ outcome: "No such list." });
    const second = await actions.run(ask("198.41.0.5", { action: "cloud_wall/block" }));
    expect(await reaches(actions, second.run.id, "standing")).toMatchObject({ uncertain: 1 });
  });

  it("must be there", () => {
    expect(() => setUp().make("blok")).toThrow('has no action "blok"; it has block, unblock');
  });
});

import { eventually } from "@vedette/sdk/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { verifyAudit } from "../../../collector/src/control/index.ts";
import { closeAll, reaches, rig } from "../../../collector/src/respond/actions/guarded/testing/rig.ts";
import { kinds, type Opened } from "./targets.ts";

/** Two collectors on one control database, whichever one it is. */
describe.each(kinds)("actions on $name", ({ open }) => {
  describe.skipIf(!open)("of several collectors", () => {
    let opened: Opened;
    beforeAll(async () => {
      opened = await open!();
    });
    afterEach(closeAll);
    afterAll(() => opened?.close());

    const pair = async (config: object = {}) => {
      const target = await opened.fresh();
      const made = await rig(config, { target, alone: false });
      const other = await made.start();
      return { ...made, both: [made.actions, other.actions] as const };
    };

    it("are done once, within limits that hold for both, and lifted once", async () => {
      const { both, clock, firewall, ask, database } = await pair({ caps: { perMinute: 12 } });
      const asks = Array.from({ length: 40 }, (_, at) =>
        both[at % 2]!.run(ask(`198.41.0.${(at % 20) + 1}`, { key: `k${at % 20}`, ttlSeconds: 60 })),
      );
      const written = await Promise.all(asks);
      const runs = new Map(written.filter(({ refusal }) => !refusal).map(({ run }) => [run.id, run]));
      expect(runs.size).toBe(12);
      for (const id of runs.keys()) await reaches(both[0], id, "standing");
      expect(firewall.done.map(({ id }) => id).sort()).toEqual([...runs.keys()].sort());
      clock.advance(60_000);
      for (const id of runs.keys()) await reaches(both[1], id, "lifted");
      expect(firewall.undone).toHaveLength(12);
      expect(await verifyAudit(database)).toBeUndefined();
    });

    it("obey what the other was told: lists, operators, the kill switch, agreement", async () => {
      const { both, firewall, ask } = await pair({ approvals: { people: "one" } });
      const [one, two] = both;
      await one.heard("198.41.0.9", "anna");
      await one.lists.add({
        list: "never-touch",
        entry: "198.41.1.0/24",
        reason: "DNS",
        endsAt: null,
        by: "anna",
      });
      expect((await two.run(ask("198.41.0.9"))).refusal?.why).toContain("anna uses the API");
      expect((await two.run(ask("198.41.1.1"))).refusal?.why).toContain("DNS");
      const { run } = await two.run(ask("198.41.0.4"));
      await one.decide(run.id, "approve", { by: "bob", id: "bob", person: true, reason: "" });
      await reaches(two, run.id, "standing");
      await one.turnKillSwitch({ on: true, by: "bob", reason: "Wrong" });
      expect((await two.run(ask("198.41.0.5"))).refusal?.guard).toBe("kill_switch");
      await two.lift(run.id, { by: "carl", id: "carl", person: true, reason: "Ours" });
      await eventually("the ban to be lifted", () => firewall.standing.size === 0);
    });
  });
});

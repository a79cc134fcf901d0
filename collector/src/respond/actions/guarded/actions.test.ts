import { VedetteError } from "@vedette/sdk";
import { eventually } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { readAudit, verifyAudit } from "../../../control/index.ts";
import { closeAll, Firewall, person, reaches, rig } from "./testing/rig.ts";

afterEach(closeAll);

const later = new VedetteError("action.unavailable", "Busy.", { verdict: "retry", afterMs: 2_000 });
const never = new VedetteError("action.refused", "No such zone.", { verdict: "drop" });

describe("a containment", () => {
  it("is done once, stands until its end, and is undone then", async () => {
    const { actions, clock, firewall, ask } = await rig();
    const { run } = await actions.run(ask("198.41.0.4", { ttlSeconds: 60 }));
    const standing = await reaches(actions, run.id, "standing");
    expect(Number(standing.expires_at)).toBe(clock.now() + 60_000);
    expect(firewall.done).toMatchObject([
      { id: run.id, action: "security.ban", target: { type: "ip", value: "198.41.0.4" }, attempt: 1 },
    ]);
    expect(firewall.done[0]!.expiresAt).toBe(clock.now() + 60_000);
    clock.advance(59_000);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(firewall.undone).toEqual([]);
    clock.advance(1_000);
    await reaches(actions, run.id, "lifted");
    expect(firewall.undone).toMatchObject([{ id: run.id, undo: { number: "1" } }]);
    expect(firewall.standing.size).toBe(0);
  });

  it("ends on time after the collector was started again, and is not done twice", async () => {
    const { actions, close, start, clock, firewall, ask } = await rig();
    const { run } = await actions.run(ask("198.41.0.4", { ttlSeconds: 60 }));
    await reaches(actions, run.id, "standing");
    await close();
    clock.advance(61_000);
    const again = await start();
    await reaches(again.actions, run.id, "lifted");
    expect([firewall.done.length, firewall.undone.length]).toEqual([1, 1]);
  });

  it("is undone again and again until that succeeds", async () => {
    const { actions, clock, firewall, ask } = await rig();
    const { run } = await actions.run(ask("198.41.0.4", { ttlSeconds: 60 }));
    await reaches(actions, run.id, "standing");
    firewall.undoFailures.push(new Error("It hung up."), later);
    clock.advance(60_000);
    for (const [attempt, wait] of [
      [1, 1_000],
      [2, 2_000],
    ] as const) {
      await reaches(actions, run.id, "lifting");
      await eventually("the attempt to be over", async () => {
        const { outcome, lease_until, lift_attempt } = (await actions.ledger.get(run.id))!;
        return lease_until === null && lift_attempt === attempt && outcome.includes("Not undone yet");
      });
      clock.advance(wait);
    }
    await reaches(actions, run.id, "lifted");
    expect(firewall.undone).toHaveLength(1);
  });

  it("lasts longer each time, up to a bound", async () => {
    const { actions, clock, ask } = await rig({ ttl: { defaultSeconds: 100, maxSeconds: 350, growth: 2 } });
    const lasted: number[] = [];
    for (let round = 0; round < 4; round++) {
      const { run } = await actions.run(ask("198.41.0.4"));
      const standing = await reaches(actions, run.id, "standing");
      lasted.push((Number(standing.expires_at) - clock.now()) / 1_000);
      clock.advance(400_000);
      await reaches(actions, run.id, "lifted");
    }
    expect(lasted).toEqual([100, 200, 350, 350]);
  });

  it("of an IPv6 address is one of the range around it; a second address in it is told of the first", async () => {
    const { actions, firewall, ask } = await rig();
    const { run } = await actions.run(ask("2a01:4f8:1:2::7"));
    await reaches(actions, run.id, "standing");
    expect(firewall.done[0]!.target).toEqual({ type: "cidr", value: "2a01:4f8:1:2::/64" });
    const second = await actions.run(ask("2a01:4f8:1:2::8"));
    expect(second).toMatchObject({ fresh: false, run: { id: run.id }, refusal: { guard: "standing" } });
  });

  it("is lifted by a person at once, and rules leave the target alone for a while", async () => {
    const { actions, clock, firewall, ask } = await rig({ cooldownMinutes: 10 });
    const { run } = await actions.run(ask("198.41.0.4"));
    await reaches(actions, run.id, "standing");
    await actions.lift(run.id, { by: "bob", id: "bob", person: true, reason: "Our own scanner" });
    expect(await reaches(actions, run.id, "lifted")).toMatchObject({ lift_by: "bob" });
    expect(firewall.undone[0]!.reason).toBe("Our own scanner");
    const rule = { name: "rule x", id: "rule/x", origin: "rule", admin: true } as const;
    expect((await actions.run(ask("198.41.0.4", { by: rule }))).refusal).toMatchObject({ guard: "cooldown" });
    clock.advance(600_001);
    const next = await actions.run(ask("198.41.0.4", { by: rule }));
    expect(next.refusal).toBeUndefined();
    await reaches(actions, next.run.id, "standing");
  });
});

describe("an outcome", () => {
  it("that says later is tried again after the time it asks for, and one that refuses is not", async () => {
    const { actions, clock, firewall, ask } = await rig();
    firewall.failures.push(later);
    const { run } = await actions.run(ask("198.41.0.4", { ttlSeconds: 60 }));
    await reaches(actions, run.id, "queued");
    await eventually("the attempt to be over", async () => {
      return (await actions.ledger.get(run.id))?.outcome === "Busy.";
    });
    clock.advance(2_000);
    const standing = await reaches(actions, run.id, "standing");
    expect(Number(standing.expires_at)).toBe(clock.now() + 60_000);
    expect(firewall.done[0]).toMatchObject({ id: run.id, attempt: 2 });
    firewall.failures.push(never);
    const other = await actions.run(ask("198.41.0.5"));
    expect(await reaches(actions, other.run.id, "failed")).toMatchObject({ outcome: "No such zone." });
  });

  it("that nobody knows is asked of the backend, and stands where it stands", async () => {
    const firewall = new Firewall();
    firewall.lies = true;
    const { actions, ask } = await rig({}, { firewall });
    firewall.failures.push(new Error("The connection was reset."));
    const { run } = await actions.run(ask("198.41.0.4"));
    expect(await reaches(actions, run.id, "standing")).toMatchObject({ uncertain: 0 });
    expect(firewall.done).toHaveLength(1);
  });

  it("that nobody can know is never repeated, and undone in time all the same", async () => {
    const firewall = new Firewall();
    firewall.canList = false;
    const { actions, clock, ask } = await rig({}, { firewall });
    firewall.failures.push(new Error("The connection was reset."));
    const { run } = await actions.run(ask("198.41.0.4", { ttlSeconds: 60 }));
    expect(await reaches(actions, run.id, "standing")).toMatchObject({ uncertain: 1 });
    clock.advance(60_000);
    await reaches(actions, run.id, "lifted");
    expect([firewall.done.length, firewall.undone.length]).toEqual([0, 1]);
    firewall.failures.push(new Error("Reset."));
    const note = await actions.run(ask("198.41.0.4", { action: "wall/note" }));
    await reaches(actions, note.run.id, "uncertain");
  });

  it("that nobody knows is repeated under the same id where that is harmless", async () => {
    const firewall = new Firewall();
    firewall.lies = true;
    const { actions, clock, ask } = await rig({}, { firewall, definition: { idempotent: true } });
    firewall.failures.push(new Error("Reset."));
    const { run } = await actions.run(ask("198.41.0.4", { ttlSeconds: 60 }));
    await eventually("the attempt to be over", async () => {
      const { state, attempt } = (await actions.ledger.get(run.id))!;
      return state === "queued" && attempt === 1;
    });
    clock.advance(1_000);
    const standing = await reaches(actions, run.id, "standing");
    expect(firewall.done.map(({ id, attempt }) => [id, attempt])).toEqual([
      [run.id, 1],
      [run.id, 2],
    ]);
    // Its time began with the first attempt.
    expect(Number(standing.expires_at)).toBe(clock.now() + 59_000);
  });

  it("of a call that the collector left behind is judged at the next start, and not repeated", async () => {
    const { actions, close, start, firewall, ask } = await rig();
    let release: () => void = () => undefined;
    firewall.hold = new Promise((resolve) => {
      release = resolve;
    });
    const { run } = await actions.run(ask("198.41.0.4"));
    await reaches(actions, run.id, "begun");
    const closing = close();
    firewall.failures.push(new Error("Cut."));
    release();
    await closing;
    const again = await start();
    expect(await reaches(again.actions, run.id, "standing")).toMatchObject({ uncertain: 1 });
    expect(firewall.done).toHaveLength(0);
  });
});

describe("guards", () => {
  it("do nothing in a dry run, and say so everywhere", async () => {
    const { actions, firewall, database, ask } = await rig({ dryRun: true });
    const { run } = await actions.run(ask("198.41.0.4"));
    expect(run).toMatchObject({ state: "dry", dry: 1, outcome: "Not done: a dry run." });
    const [entry] = await readAudit(database, { limit: 1 });
    expect(entry).toMatchObject({
      action: "action.dry",
      author: "anna",
      detail: { dryRun: true, reason: "Brute force" },
    });
    expect(firewall.done).toEqual([]);
    expect(await actions.ledger.standing()).toEqual([]);
  });

  it.each([
    ["a private address", "10.0.0.1", "never_touch"],
    ["an address of this machine", "198.41.0.9", "never_touch"],
    ["a listed range inside the target", "198.41.1.0/24", "never_touch"],
    ["a trusted address", "198.41.2.2", "allowed"],
    ["no address", "example.org", "target"],
    ["a wide range", "198.0.0.0/8", "never_touch"],
  ])("refuse %s: %s", async (_, value, guard) => {
    const { actions, firewall, ask } = await rig(
      { neverTouch: ["198.41.1.128/25"], allow: ["198.41.2.0/24"] },
      { machine: [{ entry: "198.41.0.9", why: "an address of this machine" }] },
    );
    expect(await actions.run(ask(value))).toMatchObject({ refusal: { guard }, run: { state: "refused" } });
    expect(firewall.done).toEqual([]);
  });

  it("spare the address of whoever uses the API, also after the collector was started again", async () => {
    const { actions, close, start, ask } = await rig();
    await actions.heard("::ffff:198.41.0.4", "anna");
    expect((await actions.run(ask("198.41.0.4"))).refusal?.why).toContain("anna uses the API");
    await close();
    const again = await start();
    expect((await again.actions.run(ask("198.41.0.4"))).refusal?.why).toContain("anna uses the API");
    expect((await again.actions.run(ask("198.41.0.0/24"))).refusal?.guard).toBe("never_touch");
  });

  it("look again right before the backend is called", async () => {
    const { actions, firewall, ask } = await rig({ approvals: { people: "one" } });
    const { run } = await actions.run(ask("198.41.0.4"));
    await actions.heard("198.41.0.4", "carl");
    await actions.decide(run.id, "approve", { by: "bob", id: "bob", person: true, reason: "" });
    expect((await reaches(actions, run.id, "refused")).outcome).toContain("carl uses the API");
    expect(firewall.done).toEqual([]);
  });

  it("hold to the limits of a minute, a run and all containments", async () => {
    const { actions, clock, ask } = await rig({ caps: { perMinute: 3, perRun: 2, active: 4 } });
    const guardOf = async (value: string, batch?: string) =>
      (await actions.run(ask(value, { batch }))).refusal?.guard;
    expect(await guardOf("198.41.0.1", "alert/1")).toBeUndefined();
    expect(await guardOf("198.41.0.2", "alert/1")).toBeUndefined();
    expect(await guardOf("198.41.0.3", "alert/1")).toBe("cap_run");
    expect(await guardOf("198.41.0.3", "alert/2")).toBeUndefined();
    expect(await guardOf("198.41.0.4")).toBe("cap_minute");
    clock.advance(61_000);
    expect(await guardOf("198.41.0.4")).toBeUndefined();
    expect(await guardOf("198.41.0.5")).toBe("cap_active");
  });

  it("hold to them when many ask at once", async () => {
    const { actions, firewall, ask } = await rig({ caps: { perMinute: 5 } });
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, at) => actions.run(ask(`198.41.0.${at + 1}`))),
    );
    const allowed = all.filter(({ refusal }) => refusal === undefined);
    expect(allowed).toHaveLength(5);
    for (const { run } of allowed) await reaches(actions, run.id, "standing");
    expect(firewall.done).toHaveLength(5);
  });

  it("make one run of many that ask for the same at once", async () => {
    const { actions, firewall, ask } = await rig();
    const all = await Promise.all(
      Array.from({ length: 20 }, () => actions.run(ask("198.41.0.4", { key: "k" }))),
    );
    expect(new Set(all.map(({ run }) => run.id)).size).toBe(1);
    await reaches(actions, all[0]!.run.id, "standing");
    expect(firewall.done).toHaveLength(1);
  });

  it("refuse all new while the kill switch is on, and let undoing go on", async () => {
    const { actions, clock, firewall, ask } = await rig();
    const { run } = await actions.run(ask("198.41.0.4", { ttlSeconds: 60 }));
    await reaches(actions, run.id, "standing");
    await actions.turnKillSwitch({ on: true, by: "bob", reason: "Wrong bans" });
    expect(await actions.run(ask("198.41.0.5"))).toMatchObject({ refusal: { guard: "kill_switch" } });
    expect((await actions.run(ask("198.41.0.5", { action: "wall/note" }))).refusal?.guard).toBe(
      "kill_switch",
    );
    clock.advance(60_000);
    await reaches(actions, run.id, "lifted");
    expect(firewall.done).toHaveLength(1);
    await actions.turnKillSwitch({ on: false, by: "bob", reason: "Mended" });
    expect((await actions.run(ask("198.41.0.5"))).refusal).toBeUndefined();
  });

  it("ask for people's agreement: one who asked does not count, time-out and denial mean no", async () => {
    const { actions, clock, firewall, ask } = await rig({ approvals: { people: "two", timeoutMinutes: 5 } });
    const by = (name: string) => ({ by: name, id: name, person: true, reason: "" });
    const { run } = await actions.run(ask("198.41.0.4"));
    expect(run.state).toBe("approval");
    await expect(actions.decide(run.id, "approve", by("anna"))).rejects.toThrow("cannot agree to it as well");
    expect((await actions.decide(run.id, "approve", by("bob"))).state).toBe("approval");
    await expect(actions.decide(run.id, "approve", by("bob"))).rejects.toThrow("said so already");
    await actions.decide(run.id, "approve", by("carl"));
    await reaches(actions, run.id, "standing");
    const denied = (await actions.run(ask("198.41.0.5"))).run;
    await actions.decide(denied.id, "deny", { ...by("bob"), reason: "A customer" });
    expect(await reaches(actions, denied.id, "denied")).toMatchObject({
      outcome: "Denied by bob: A customer.",
    });
    await expect(actions.decide(denied.id, "approve", by("carl"))).rejects.toThrow("does not wait");
    const forgotten = (await actions.run(ask("198.41.0.6"))).run;
    clock.advance(300_000);
    await reaches(actions, forgotten.id, "timed_out");
    expect(firewall.done).toHaveLength(1);
  });

  it("lift what is put on the allow list or the never-touch list", async () => {
    const { actions, clock, firewall, ask } = await rig();
    const first = (await actions.run(ask("198.41.0.4"))).run;
    const second = (await actions.run(ask("2a01:4f8:1:2::7"))).run;
    for (const { id } of [first, second]) await reaches(actions, id, "standing");
    const common = { reason: "A partner", by: "bob" };
    const { id, lifted } = await actions.lists.add({
      list: "allow",
      entry: "198.41.0.0/24",
      endsAt: clock.now() + 9_000,
      ...common,
    });
    expect(lifted).toEqual([first.id]);
    await reaches(actions, first.id, "lifted");
    await actions.lists.add({ list: "never-touch", entry: "2a01:4f8:1:2::9", endsAt: null, ...common });
    await reaches(actions, second.id, "lifted");
    expect(firewall.standing.size).toBe(0);
    expect((await actions.run(ask("198.41.0.4"))).refusal?.why).toContain("A partner");
    clock.advance(10_000);
    expect((await actions.run(ask("198.41.0.4"))).refusal).toBeUndefined();
    await expect(actions.lists.remove(id, "bob")).resolves.toBeUndefined();
  });

  it("leave a whole audit trail that says who and why", async () => {
    const { actions, database, clock, ask } = await rig();
    const { run } = await actions.run(ask("198.41.0.4", { ttlSeconds: 60 }));
    await reaches(actions, run.id, "standing");
    clock.advance(60_000);
    await reaches(actions, run.id, "lifted");
    const entries = await readAudit(database, { limit: 10 });
    expect(entries.map(({ action, author }) => `${author} ${action}`).reverse()).toEqual([
      "anna action.queued",
      "vedette action.executed",
      "vedette action.lifted",
    ]);
    expect(entries[0]!.detail).toMatchObject({
      run: run.id,
      target: "ip:198.41.0.4",
      by: "anna",
      reason: "Brute force",
    });
    expect(await verifyAudit(database)).toBeUndefined();
  });

  it("let no person without the scope do what needs an administrator", async () => {
    const { actions, ask } = await rig({}, { definition: { permission: "admin" } });
    expect((await actions.run(ask("198.41.0.4"))).refusal?.guard).toBe("permission");
    expect((await actions.run(ask("198.41.0.4", { by: person("root", true) }))).refusal).toBeUndefined();
  });
});

describe("the real state", () => {
  it("is compared with what was done: missing and foreign are told, and missing is mended where that is asked for", async () => {
    const { actions, clock, firewall, ask } = await rig({ drift: { mend: true } });
    const { run } = await actions.run(ask("198.41.0.4", { ttlSeconds: 600 }));
    const { expires_at } = await reaches(actions, run.id, "standing");
    clock.advance(10_000);
    firewall.standing.clear();
    firewall.standing.set("198.41.0.77", { target: { type: "ip", value: "198.41.0.77" }, origin: "cscli" });
    const [found] = await actions.drift.check();
    expect(found).toMatchObject({
      ...{ action: "wall/security.ban", missing: [{ run: run.id, target: "198.41.0.4" }], foreignCount: 1 },
      foreign: [{ target: "198.41.0.77", origin: "cscli" }],
    });
    expect(firewall.done).toHaveLength(1);
    await actions.drift.check();
    await eventually("the second ban", () => firewall.done.length === 2);
    expect(await reaches(actions, run.id, "standing")).toMatchObject({ expires_at });
    expect(firewall.standing.has("198.41.0.77")).toBe(true);
    expect((await actions.drift.check())[0]!.missing).toEqual([]);
  });
});

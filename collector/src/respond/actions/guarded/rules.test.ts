import type { Alert, TargetType } from "@vedette/sdk";
import { eventually } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { managedRunner } from "./managed-runner.ts";
import { valuesAt } from "./rules.ts";
import { closeAll, reaches, rig } from "./testing/rig.ts";

afterEach(closeAll);

const start = Date.UTC(2026, 0, 1);
const alert = (id: string, ip: string, more: Partial<Alert> = {}): Alert => ({
  ...{ id, name: "SSH brute force", ruleId: "ssh-brute-force", severity: "high", adversary: { ip } },
  "@timestamp": new Date(start).toISOString(),
  ...more,
});
const rule = {
  ...{ name: "ban-ssh", rules: ["ssh *"], action: "wall/security.ban", field: "adversary.ip" },
};
const config = (more: object = {}, settings: object = {}) => ({
  rules: [{ ...rule, ...more }],
  previewRules: false,
  ...settings,
});

describe("rules that may act", () => {
  it("ban once for each target and window, whichever alert comes again, also after a start", async () => {
    const {
      actions,
      close,
      start: again,
      clock,
      firewall,
    } = await rig(config({ windowSeconds: 600, ttlSeconds: 60 }, { ttl: { growth: 1 } }));
    const both = [alert("a", "198.41.0.4"), alert("b", "198.41.0.5")];
    await actions.alerted(both);
    await actions.alerted([...both, alert("c", "198.41.0.4")]);
    await eventually("two bans", () => firewall.standing.size === 2);
    expect(
      firewall.done.map(({ target, reason }) => `${target.value} ${reason.split(" (")[0]}`).sort(),
    ).toEqual(["198.41.0.4 SSH brute force: ban-ssh", "198.41.0.5 SSH brute force: ban-ssh"]);
    clock.advance(61_000);
    await eventually("both lifted", () => firewall.standing.size === 0);
    await close();
    const { actions: next } = await again();
    await next.alerted(both);
    expect(firewall.done).toHaveLength(2);
    // The next window of the alerts' own time is another run.
    await next.alerted([alert("d", "198.41.0.4", { "@timestamp": new Date(start + 700_000).toISOString() })]);
    await eventually("a third ban", () => firewall.done.length === 3);
  });

  it("take no other rule's alerts, none below their severity, and nothing that guards refuse", async () => {
    const { actions, firewall } = await rig(config({}, { neverTouch: ["198.41.0.0/24"] }));
    await actions.alerted([
      alert("a", "198.41.1.1", { name: "Port scan", ruleId: "scan" }),
      alert("b", "198.41.1.2", { severity: "low" }),
      alert("c", "198.41.0.4"),
      alert("d", "10.0.0.1"),
      alert("e", "not an address"),
      alert("f", "198.41.1.9"),
    ]);
    await eventually("one ban", () => firewall.done.length === 1);
    expect(firewall.done[0]!.target.value).toBe("198.41.1.9");
    const refused = await actions.ledger.list({ states: ["refused"], limit: 10 });
    expect(refused.map(({ target }) => target).sort()).toEqual(["10.0.0.1", "198.41.0.4", "not an address"]);
  });

  it("count what limits refuse, and write it down for nobody", async () => {
    const { actions, firewall, telemetry } = await rig(config({}, { caps: { perMinute: 5 } }));
    await actions.alerted(Array.from({ length: 200 }, (_, at) => alert(`a${at}`, `198.41.1.${at}`)));
    await eventually("five bans", () => firewall.done.length === 5);
    expect(await actions.ledger.list({ limit: 500 })).toHaveLength(5);
    expect(telemetry.render()).toContain('vedette_actions_refused_total{guard="cap_minute"} 195');
  });

  it("wait for a person unless they say otherwise", async () => {
    const { actions, firewall } = await rig(config({}, { approvals: {} }));
    await actions.alerted([alert("a", "198.41.0.4")]);
    const [run] = await actions.ledger.list({ limit: 1 });
    expect(run).toMatchObject({ state: "approval", approvals: 1, origin: "rule" });
    await actions.decide(run!.id, "approve", { by: "bob", id: "bob", person: true, reason: "" });
    await reaches(actions, run!.id, "standing");
    expect(firewall.done).toHaveLength(1);
  });

  it("act dry until somebody has seen what they would have done and armed them, and again once they change", async () => {
    const asked = config({}, { previewRules: true });
    const { actions, firewall, clock } = await rig(asked);
    await actions.alerted([alert("a", "198.41.0.4")]);
    expect((await actions.ledger.list({ limit: 1 }))[0]).toMatchObject({ state: "dry" });
    const documents = [
      ...Array.from({ length: 3 }, (_, at) => alert(`h${at}`, "198.41.0.4")),
      alert("h3", "198.41.0.5", { "@timestamp": new Date(start - 3_600_000).toISOString() }),
      alert("h4", "10.0.0.1"),
      alert("h5", "198.41.0.6", { severity: "low" }),
    ];
    const store = {
      query: async <Row>(_: string, params: Readonly<Record<string, string | number>> = {}) =>
        (params["id"] === ""
          ? documents.map((each) => ({
              ...{ id: each.id, verdict: each.id === "h3" ? "false_positive" : "" },
              ...{ at: String(Date.parse(each["@timestamp"]!)), document: JSON.stringify(each) },
            }))
          : []) as Row[],
    };
    const preview = await actions.previewRule("ban-ssh", { store, hours: 24 });
    expect(preview).toMatchObject({
      looked: 6,
      matched: 5,
      wouldAct: 2,
      refused: 1,
      overLimit: 0,
      complete: true,
    });
    expect(preview.targets).toMatchObject([
      { target: "198.41.0.4", alerts: 3, runs: 1 },
      { target: "198.41.0.5", falsePositives: 1 },
      { target: "10.0.0.1", refusal: { guard: "never_touch" } },
    ]);
    await expect(actions.arm("ban-ssh", "0123456789abcdef", "bob")).rejects.toThrow("changed since");
    await actions.arm("ban-ssh", preview.fingerprint, "bob");
    clock.advance(1_000);
    await actions.alerted([alert("a", "198.41.0.4")]);
    await eventually("the ban", () => firewall.done.length === 1);
    await closeAll();
    const changed = await rig(config({ ttlSeconds: 61 }, { previewRules: true }));
    expect((await changed.actions.rules.armed()).size).toBe(0);
    await expect(changed.actions.arm("ban-ssh", preview.fingerprint, "bob")).rejects.toThrow("changed since");
  });

  it("read lists in an alert, each value once", () => {
    const events = [{ origin: { ip: "a" } }, { origin: { ip: "b" } }, { origin: { ip: "a" } }];
    expect(valuesAt({ events } as Alert, "events.origin.ip")).toEqual(["a", "b"]);
    expect(valuesAt({ entities: ["ip:a"] } as Alert, "entities")).toEqual(["ip:a"]);
    expect(valuesAt({} as Alert, "constructor.name")).toEqual([]);
  });
});

describe("steps of workflows", () => {
  const call = (over: object = {}) => ({
    ...{ action: "wall/security.ban", job: "j1", key: "k1", input: {}, target: "198.41.0.4" },
    ...{ connection: undefined, reason: "Contain (j1)", signal: AbortSignal.timeout(60_000), ...over },
  });

  it("ask through all guards, wait for the outcome, and find their run again", async () => {
    const { actions, firewall } = await rig({ approvals: { workflows: "auto" }, caps: { perRun: 2 } });
    const runner = managedRunner(actions);
    const first = await runner.run(call({ input: { ttlSeconds: 60, reason: "Phishing" } }));
    expect(first).toMatchObject({ state: "standing", target: "198.41.0.4", run: expect.any(String) });
    expect(await runner.run(call({ input: { ttlSeconds: 60 } }))).toMatchObject({ run: first["run"] });
    expect(firewall.done).toHaveLength(1);
    await expect(runner.run(call({ key: "k2", target: "127.0.0.1" }))).rejects.toThrow("this machine");
    await runner.run(call({ key: "k3", target: "198.41.0.5" }));
    await expect(runner.run(call({ key: "k4", target: "198.41.0.6" }))).rejects.toThrow("no more than 2");
    await expect(runner.run(call({ key: "k5", input: { colour: "red" } }))).rejects.toThrow("no parameter");
  });

  it("say that they wait for people, and that they were dry", async () => {
    const pending = await rig();
    expect(await managedRunner(pending.actions).run(call())).toMatchObject({
      $pending: true,
      state: "approval",
    });
    const dry = await rig({ dryRun: true });
    expect(await managedRunner(dry.actions).run(call())).toMatchObject({ $dryRun: true, state: "dry" });
    expect(dry.firewall.done).toEqual([]);
  });
});

/** Every way in, and every way to write an address that is protected. */
describe("what is never touched", () => {
  it("reaches no backend by any way in, spelling, kind of target or range", async () => {
    const { actions, firewall, ask } = await rig(
      config(
        {},
        {
          neverTouch: ["198.41.0.4", "2a01:4f8:1:2::9", "user:root"],
          allowNonGlobal: ["0.0.0.0/0", "::/0"],
          caps: { perMinute: 10_000, perRun: 10_000 },
          approvals: { workflows: "auto" },
          widest: { ipv4: 8, ipv6: 32 },
        },
      ),
      { definition: { targets: ["ip", "cidr", "host", "user"] } },
    );
    const spellings = [
      ...[
        "198.41.0.4",
        "198.041.000.004",
        "3324575748",
        "0xc6290004",
        "198.41.4",
        "198.41.0.4/32",
        "198.41.0.4/8",
      ],
      ...[
        "198.41.0.0/29",
        "::ffff:198.41.0.4",
        "::FFFF:c629:4",
        "::198.41.0.4",
        "64:ff9b::c629:4",
        "64:ff9b:1::c629:4",
      ],
      ...[
        "2002:c629:4::1",
        "2002:c629:4:1::/64",
        "::ffff:0:c629:4",
        "::ffff:198.41.0.4/100",
        "[::ffff:198.41.0.4]",
      ],
      ...[
        "2a01:4f8:1:2::9",
        "2a01:4f8:1:2::1",
        "2a01:04f8:0001:0002:0:0:0:8",
        "2a01:4f8:1::/48",
        "2a01:4f8:1:2::9%eth0",
      ],
      ...[
        "127.0.0.1",
        "127.1",
        "2130706433",
        "::1",
        "::",
        "0.0.0.0",
        "localhost",
        "LOCALHOST.",
        "fe80::1",
        "fe80::1%1",
      ],
      ...[
        "169.254.169.254",
        "0xa9fea9fe",
        "::ffff:169.254.169.254",
        "fd00:ec2::254",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
      ],
      ...["0.0.0.0/0", "::/0", "root", "ROOT", " root", "ｒｏｏｔ", " 198.41.0.4 ", "１９８.41.0.4"],
    ];
    const types: (TargetType | undefined)[] = [undefined, "ip", "cidr", "host", "user"];
    const runner = managedRunner(actions);
    const neighbours = new Set(["2a01:4f8:1:2::1", "2a01:04f8:0001:0002:0:0:0:8"]);
    const isRoot = (text: string): boolean => /^ ?[rｒ]/iu.test(text);
    let tried = 0;
    for (const value of spellings) {
      for (const type of types) {
        // A user who is called like an address is a user, and a host that is called like the user is a host.
        if (type === (isRoot(value) ? "host" : "user")) continue;
        // As a host it is one address, which does not grow to the range with the protected one.
        if (type === "host" && neighbours.has(value)) continue;
        const { refusal } = await actions.run(ask(value, { target: { value, type } }));
        expect(["never_touch", "target"], `${type ?? "any"} ${value}`).toContain(refusal?.guard);
        tried++;
      }
      const input = { target_type: isRoot(value) ? "user" : "ip" };
      await expect(
        runner.run({
          ...{
            action: "wall/security.ban",
            job: "j",
            key: value,
            input,
            target: value,
            connection: undefined,
          },
          ...{ reason: "x", signal: AbortSignal.timeout(60_000) },
        }),
      ).rejects.toThrow();
    }
    await actions.alerted(
      spellings.filter((each) => !isRoot(each)).map((value, at) => alert(`a${at}`, value)),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    const touched = firewall.done.filter(({ target }) => target.type !== "user");
    expect(touched).toEqual([]);
    expect(tried).toBeGreaterThan(150);
  });
});

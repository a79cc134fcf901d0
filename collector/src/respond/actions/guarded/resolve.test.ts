import { afterEach, describe, expect, it } from "vitest";
import { resolveHost } from "./resolve.ts";
import { closeAll, reaches, rig } from "./testing/rig.ts";

afterEach(closeAll);

const zone: Readonly<Record<string, readonly string[]>> = {
  "one.example": ["198.41.0.4"],
  "mapped.example": ["::ffff:198.41.0.4", "198.41.0.4"],
  "many.example": ["198.41.0.5", "10.0.0.1"],
  "inside.example": ["10.0.0.7"],
  "here.example": ["127.0.0.1"],
  "ours.example": ["198.51.100.7"],
  "dc.example": ["198.41.0.9"],
  "none.example": [],
};
const start = async (config: object = {}) => {
  const asked: string[] = [];
  const made = await rig(
    { neverTouch: ["198.51.100.0/24", "host:dc.example"], ...config },
    {
      resolve: async (host) => {
        asked.push(host);
        const found = zone[host];
        if (!found) throw new Error("queryA ETIMEOUT");
        return found;
      },
    },
  );
  const host = (value: string, type: "host" | "domain" = "host") => made.ask("", { target: { type, value } });
  return { ...made, asked, host };
};

describe("the name of a host as a target", () => {
  it("is acted on by its one address, which stays what it was", async () => {
    const { actions, firewall, host } = await start();
    const { run } = await actions.run(host("One.Example."));
    const done = await reaches(actions, run.id, "standing");
    expect([done.target_type, done.target, JSON.parse(done.cause)]).toEqual([
      ...["ip", "198.41.0.4", { host: "one.example" }],
    ]);
    expect(firewall.done.map(({ target }) => target)).toEqual([{ type: "ip", value: "198.41.0.4" }]);
  });

  it.each([
    ["many.example", "target", "has 2 addresses (198.41.0.5, 10.0.0.1); say which one"],
    ["none.example", "target", "has no address"],
    ["away.example", "unavailable", "cannot be found out now: queryA ETIMEOUT"],
    ["inside.example", "never_touch", "10.0.0.7"],
    ["here.example", "never_touch", "127.0.0.1"],
    ["ours.example", "never_touch", "198.51.100.7"],
    ["dc.example", "never_touch", "dc.example"],
    ["2130706433", "target", "is no name of a host"],
    ["a b", "target", "is no name of a host"],
  ])("is refused for %s by the guard %s", async (value, guard, why) => {
    const { actions, firewall, host, asked } = await start();
    const { refusal, run } = await actions.run(host(value));
    expect(refusal).toEqual({ guard, why: expect.stringContaining(why) });
    expect(run.state).toBe("refused");
    expect(firewall.done).toEqual([]);
    if (value === "dc.example") expect(asked).toEqual([]);
  });

  it("is shown with its addresses before anything is done", async () => {
    const { actions, host } = await start();
    const look = { store: { query: () => Promise.resolve([]) }, hours: 1 };
    const one = await actions.preview(host("mapped.example", "domain"), look);
    expect(one).toMatchObject({
      resolved: { host: "mapped.example", addresses: ["198.41.0.4"] },
      prepared: { target: { type: "ip", value: "198.41.0.4" } },
    });
    expect(one.verdict.refusal).toBeUndefined();
    const many = await actions.preview(host("many.example"), look);
    expect(many.resolved?.addresses).toEqual(["198.41.0.5", "10.0.0.1"]);
    expect(many.verdict.refusal?.guard).toBe("target");
  });

  it("is looked up for nobody's rules, and not where it is no host that is meant", async () => {
    const { actions, asked, ask, host } = await start();
    const by = { name: "rule r", id: "rule/r", origin: "rule", admin: true } as const;
    expect((await actions.run({ ...host("one.example"), by })).refusal?.why).toContain("names in logs");
    expect((await actions.run(ask("one.example"))).refusal?.guard).toBe("target");
    expect(
      (await actions.run(ask("", { target: { type: "host", value: "198.41.0.4" } }))).refusal,
    ).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it("is not waited for long where no server answers", async () => {
    const began = performance.now();
    await resolveHost("no-such-name.invalid").catch(() => undefined);
    // It gives up after 4 s; two tries of two servers would take longer than this.
    expect(performance.now() - began).toBeLessThan(15_000);
  }, 60_000);
});

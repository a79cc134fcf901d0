import { recordingLogger } from "@vedette/sdk/testing";
import { run } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TailBus } from "../../collector/src/api/index.ts";
import { testConnections } from "../../collector/src/connections/testing/index.ts";
import { apiKeys } from "../../collector/src/control/index.ts";
import { closeAll, rig } from "../../collector/src/respond/actions/guarded/testing/rig.ts";
import { type ApiServer, serveApi } from "../../collector/src/serve.ts";

describe("vedette actions", () => {
  let server: ApiServer;
  let made: Awaited<ReturnType<typeof rig>>;

  beforeAll(async () => {
    made = await rig(
      { approvals: { actions: { "blocklist/ban": "one" } } },
      { resolve: async (host) => (host === "evil.example" ? ["198.41.0.99"] : ["198.41.0.1", "198.41.0.2"]) },
    );
    const { database, clock, actions } = made;
    const log = recordingLogger();
    server = await serveApi(
      { host: "127.0.0.1", port: 0 },
      {
        ...{ keys: apiKeys(database, clock), tail: new TailBus(clock), clock, log, actions, loopback: true },
        store: { query: () => Promise.resolve([]) },
        connections: testConnections(database, { clock, log }),
        status: () => ({
          ...{ version: "0", startedAt: new Date(0).toISOString(), agents: [], databases: [] },
          engine: { kind: "embedded", state: "running" },
        }),
        unready: () => Promise.resolve(undefined),
        metrics: () => "",
        plugins: () => undefined,
      },
    );
  });
  afterAll(async () => {
    await closeAll();
    await server.stop();
  });

  it("asks, shows and takes back, and says what guards refuse", async () => {
    const vedette = (...words: string[]) => run(["actions", ...words, "--url", server.url]);
    expect((await vedette("list")).stdout).toMatch(
      /^blocklist\/ban +ip,cidr +critical,lasts +Put on the blocklist/,
    );
    const preview = await vedette("preview", "wall/security.ban", "198.41.0.4");
    expect(preview.stdout).toContain("wall/security.ban on ip:198.41.0.4\n  Allowed.");
    const named = await vedette("preview", "wall/security.ban", "evil.example", "--type", "host");
    expect(named.stdout).toContain(
      "wall/security.ban on ip:198.41.0.99\n  evil.example is 198.41.0.99.\n  Allowed.",
    );
    const many = await vedette("preview", "wall/security.ban", "cdn.example", "--type", "host");
    expect(many.stdout).toContain("has 2 addresses (198.41.0.1, 198.41.0.2); say which one");
    const ban = ["run", "wall/security.ban", "198.41.0.4", "--reason", "Spraying", "--ttl", "30m"];
    const done = await vedette(...ban, "--yes");
    expect(done.stdout).toContain("wall/security.ban 198.41.0.4: standing until 2026-01-01T00:30:00.000Z");
    const lift = await vedette("lift", "198.41.0.4", "--reason", "A customer", "--json");
    expect(JSON.parse(lift.stdout)).toMatchObject({ liftedBy: "local", liftReason: "A customer" });
    const off = await vedette("run", "wall/security.ban", "127.0.0.1", "--reason", "x", "--yes");
    expect(off).toMatchObject({ code: 2, stderr: expect.stringContaining("is or holds this machine") });
    expect((await vedette("kill-switch", "on", "--reason", "Test")).stdout).toContain("is on: nothing new");
    expect((await vedette(...ban, "--yes")).stderr).toContain("kill switch is on (local: Test)");
  });
});

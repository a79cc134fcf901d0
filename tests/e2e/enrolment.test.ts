import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { openFleet } from "@vedette/collector";
import { collectorConfig } from "@vedette/collector/config";
import { systemClock } from "@vedette/sdk";
import { freePort, noOpenssl, TestAuthority } from "@vedette/sdk/testing";
import { Fleet, run, until, vedette } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";

/** Hosts that are enrolled with a token, as people do it: every part is a process of its own. */
describe("enrolment", () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-enrol-"));
  /** Long enough for an agent on a busy machine to renew in what is left after two thirds. */
  const lifeSeconds = 90;
  let fleet: Fleet;
  let address: string;
  const agents = new Map<string, ReturnType<typeof vedette>>();
  const secrets: string[] = [];

  const config = (id: string) => join(dir, `${id}.yaml`);
  const stateDir = (id: string) => join(dir, `state-${id}`);
  const kept = (id: string) =>
    JSON.parse(readFileSync(join(stateDir(id), "enrolment.json"), "utf8")) as {
      key: string;
      certificate: string;
      endsAt: number;
    };
  const admin = (...args: string[]) => run(["agents", ...args, "--config", join(dir, "vedette.yaml")]);
  const known = <T extends { readonly token: string }>(made: T): T => {
    secrets.push(made.token);
    return made;
  };
  /** As `vedette agents token` makes them, without a process for each. */
  const token = async (more: object = {}): Promise<{ token: string; id: string }> => {
    const { control } = collectorConfig.parse({});
    const opened = await openFleet({ control, stateDir: join(dir, "collector"), baseDir: dir }, systemClock);
    try {
      const { text, entry } = await opened.makeToken({ uses: 1, lifeMs: 600_000, agent: undefined, ...more });
      return known({ token: text, id: entry.id });
    } finally {
      await opened.close();
    }
  };
  const configure = (id: string, agentId = id): void =>
    writeFileSync(
      config(id),
      stringify({
        agent: {
          agentId,
          stateDir: stateDir(id),
          inputs: [{ type: "file", dataType: "generic", include: [join(dir, "logs", `${id}.log`)] }],
          batch: { seconds: 0.1 },
          collector: { address, tls: {} },
        },
      }),
    );
  const write = (id: string, line: string): void =>
    appendFileSync(join(dir, "logs", `${id}.log`), `${line}\n`);
  const enrol = (id: string, text: string, ...more: string[]) =>
    run(["enroll", "--config", config(id), "--token", text, ...more]);
  const start = (id: string): ReturnType<typeof vedette> => {
    const running = vedette(["agent", "--config", config(id)], { cwd: dir });
    agents.set(id, running);
    return running;
  };
  const end = async (id: string): Promise<void> => {
    agents.get(id)?.kill("SIGTERM");
    await agents.get(id)?.exited;
  };
  const raws = async (): Promise<string[]> =>
    (await fleet.get<{ items: { raw: string }[] }>("/api/v1/events?from=-1h&limit=1000")).items
      .map(({ raw }) => raw)
      .sort();

  beforeAll(async () => {
    mkdirSync(join(dir, "logs"));
    address = `127.0.0.1:${await freePort()}`;
    fleet = await Fleet.create(dir, {
      inputs: [],
      collector: {
        ingest: { listen: address, tls: { enrol: { certificateHours: lifeSeconds / 3_600 } } },
      },
    });
    fleet.start("collector");
    await fleet.ready();
  });

  afterAll(async () => {
    await Promise.all([...agents.keys()].map(end));
    await fleet.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it("makes an agent of a host with a token, and its lines arrive", async () => {
    configure("web-1");
    write("web-1", "one");
    const printed = await admin("token", "--uses", "1");
    expect(printed.code, printed.stderr).toBe(0);
    const { token: text } = known({ token: printed.stdout.trim() });
    const done = await enrol("web-1", text);
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining("enrolled as web-1") as unknown });
    expect(statSync(stateDir("web-1")).mode & 0o777).toBe(0o700);
    expect(statSync(join(stateDir("web-1"), "enrolment.json")).mode & 0o777).toBe(0o600);
    start("web-1");
    await until("the line", async () => (await raws()).join() === "one");
    const { stdout } = await admin("list");
    expect(stdout).toMatch(/^web-1 +\S+ +20\d\d-/m);
  });

  it("gives nothing for a token that is used up, wrong, expired or revoked, or for a name that is taken", async () => {
    configure("web-2");
    configure("used");
    const used = await token();
    expect((await enrol("used", used.token)).code).toBe(0);
    const parts = Buffer.from(used.token.slice(5), "base64url");
    parts[63]! ^= 1;
    const brief = await token({ lifeMs: 1 });
    const revoked = await token();
    expect((await admin("tokens", "--revoke", revoked.id)).code).toBe(0);
    const cases: [string, string, RegExp][] = [
      ["web-2", used.token, /used as often as it may be/],
      ["web-2", `vde1_${parts.toString("base64url")}`, /not known, or was revoked/],
      ["web-2", brief.token, /has expired/],
      ["web-2", revoked.token, /not known, or was revoked/],
    ];
    for (const [id, text, said] of cases) {
      const { code, stderr } = await enrol(id, text);
      expect({ code, stderr }).toEqual({
        code: expect.any(Number) as unknown,
        stderr: expect.stringMatching(said) as unknown,
      });
      expect(code).not.toBe(0);
      expect(stderr).not.toContain(text);
    }
    configure("thief", "web-1");
    const any = await token();
    expect((await enrol("thief", any.token)).stderr).toMatch(/There is an agent "web-1" already/);
    expect((await fleet.get<{ items: unknown[] }>("/api/v1/events?limit=1")).items).toHaveLength(1);
  });

  it.skipIf(noOpenssl())("says nothing to a server of another authority", async () => {
    const strange = new TestAuthority(dir, "strange").issue("strange-server");
    let bytes = 0;
    const files = { cert: readFileSync(strange.certFile), key: readFileSync(strange.keyFile) };
    const server = createServer({ ...files, ALPNProtocols: ["h2"] }, (socket) => {
      socket
        .on("error", () => undefined)
        .on("data", (chunk) => {
          bytes += chunk.length;
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const { token: text } = await token();
    const { code, stderr } = await enrol("web-2", text, "--collector", `127.0.0.1:${port}`);
    server.close();
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/another authority\. The token was not sent/);
    expect(bytes).toBe(0);
    // It is as good as before.
    expect((await enrol("web-2", text)).code).toBe(0);
  });

  it("refuses an agent that calls itself otherwise than its certificate", async () => {
    configure("web-2", "web-1");
    const agent = start("web-2");
    await until("it is refused", () => agent.stderr().includes('is for the agent \\"web-2\\"'));
    await end("web-2");
    expect(await raws()).toEqual(["one"]);
    configure("web-2");
  });

  it("renews certificates while it runs, and loses nothing when the collector is killed meanwhile", async () => {
    const first = kept("web-1");
    await until("another certificate", () => kept("web-1").certificate !== first.certificate, {
      timeoutMs: lifeSeconds * 2_000,
    });
    await fleet.kill("collector");
    write("web-1", "while it was away");
    fleet.start("collector");
    await fleet.ready();
    await until("the line", async () => (await raws()).includes("while it was away"), { timeoutMs: 60_000 });
    expect(kept("web-1").key).not.toBe(first.key);
    expect(agents.get("web-1")?.stderr()).toContain("was renewed");
    expect((await fleet.get<{ items: unknown[] }>("/api/v1/events?from=-1h&limit=100")).items).toHaveLength(
      2,
    );
  });

  it("ends what a revoked agent has open, renews nothing for it, and lets it in again", async () => {
    expect((await admin("revoke", "web-1")).code).toBe(0);
    const agent = agents.get("web-1")!;
    await until("it is refused", () => /transport\.refused.*was revoked/.test(agent.stderr()));
    write("web-1", "after it was revoked");
    const again = await token();
    expect((await enrol("web-1", again.token)).stderr).toMatch(/was revoked/);
    expect((await admin("list")).stdout).toMatch(/^web-1 .*revoked/m);
    expect((await admin("revoke", "web-1")).code).toBe(2);
    expect((await admin("revoke", "web-1", "--undo")).code).toBe(0);
    // Its certificate may have ended meanwhile: then a token for it is needed.
    if (kept("web-1").endsAt < Date.now() + 5_000)
      expect((await enrol("web-1", (await token({ agent: "web-1" })).token)).code).toBe(0);
    await until("the line", async () => (await raws()).includes("after it was revoked"), {
      timeoutMs: 90_000,
    });
  });

  it("keeps lines when a certificate has ended, and ships them after the host was enrolled again", async () => {
    await until("the certificate has ended", () => kept("web-2").endsAt < Date.now(), {
      timeoutMs: lifeSeconds * 1_000,
    });
    const agent = start("web-2");
    await until("it says so", () =>
      /ended at 20.*enrol|has ended; enrol the host again/.test(agent.stderr()),
    );
    const checked = await run(["check", "--config", config("web-2")]);
    expect(checked.stdout).toMatch(/enrolment\.json ended at/);
    write("web-2", "two");
    const done = await enrol("web-2", (await token({ agent: "web-2" })).token);
    expect(done, done.stderr).toMatchObject({ code: 0 });
    await until("its line", async () => (await raws()).includes("two"), { timeoutMs: 90_000 });
  });

  it("tells no token and no key to anybody", async () => {
    const bundle = Buffer.from(
      await (await fetch(`${fleet.url}/api/v1/debug-bundle`)).arrayBuffer(),
    ).toString("latin1");
    const said = [bundle, fleet.log(), ...[...agents.values()].map((agent) => agent.stderr())].join("\n");
    for (const secret of secrets) expect(said).not.toContain(secret.slice(-32));
    expect(said).not.toContain("PRIVATE KEY");
  });
});

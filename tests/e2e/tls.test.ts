import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { get as getSecurely } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, noOpenssl, TestAuthority } from "@vedette/sdk/testing";
import { Fleet, run, until, vedette } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";

/** Agents and a collector over TLS with certificates of an own authority, as files. */
describe.skipIf(noOpenssl())("TLS between agents and a collector", () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-tls-"));
  const ca = new TestAuthority(dir);
  const agentName = (id: string) => ({ names: `URI:urn:vedette:agent:${id}` });
  const files = (name: string) => ({ certFile: join(dir, `${name}.pem`), keyFile: join(dir, `${name}.key`) });
  let fleet: Fleet;
  let httpPort: number;
  let address: string;
  const others: ReturnType<typeof vedette>[] = [];

  /** What the collector answers over HTTPS. */
  const ask = (path: string) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const options = { ca: readFileSync(ca.caFile), timeout: 5_000 };
      getSecurely(`https://127.0.0.1:${httpPort}${path}`, options, (answer) => {
        let body = "";
        answer.setEncoding("utf8").on("data", (chunk) => {
          body += chunk;
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
      }).on("error", reject);
    });
  const raws = async (): Promise<string[]> => {
    const { items } = JSON.parse((await ask("/api/v1/events?from=-1h&limit=1000")).body) as {
      items: { raw: string }[];
    };
    return items.map(({ raw }) => raw).sort();
  };
  const agentConfig = (id: string, certificate: string) => ({
    agentId: id,
    stateDir: `agent-${id}`,
    inputs: [{ type: "file", dataType: "generic", include: [join(dir, "logs", `${id}.log`)] }],
    batch: { seconds: 0.1 },
    collector: { address, tls: { caFile: ca.caFile, ...files(certificate) } },
  });
  const second = (): ReturnType<typeof vedette> => {
    const config = join(dir, "web-2.yaml");
    writeFileSync(config, stringify({ agent: agentConfig("web-2", "second") }));
    const running = vedette(["agent", "--config", config], { cwd: dir });
    others.push(running);
    return running;
  };

  beforeAll(async () => {
    ca.issue("server");
    ca.issue("web-1", agentName("web-1"));
    mkdirSync(join(dir, "logs"));
    httpPort = await freePort();
    address = `127.0.0.1:${await freePort()}`;
    const inputs = agentConfig("web-1", "web-1");
    fleet = await Fleet.create(dir, {
      inputs: [],
      agent: inputs,
      collector: {
        ingest: { listen: address, tls: { ...files("server"), clientCaFile: ca.caFile } },
        http: { listen: `127.0.0.1:${httpPort}`, tls: files("server") },
      },
    });
    fleet.start("collector");
    await until("the collector is ready", async () => (await ask("/readyz")).status === 200, {
      timeoutMs: 180_000,
    });
  });

  afterAll(async () => {
    for (const each of others) each.kill("SIGTERM");
    await Promise.all(others.map(({ exited }) => exited));
    await fleet.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it("carries lines of an agent whose certificate names it", async () => {
    writeFileSync(join(dir, "logs", "web-1.log"), "one\ntwo\n");
    fleet.start("agent");
    await until("the lines", async () => (await raws()).join() === "one,two");
  });

  it("refuses an agent with the name of another, keeps its lines, and takes them once it has its own", async () => {
    const install = (name: string): void => {
      copyFileSync(join(dir, `${name}.key`), join(dir, "second.key"));
      copyFileSync(join(dir, `${name}.pem`), join(dir, "second.pem"));
    };
    install("web-1");
    writeFileSync(join(dir, "logs", "web-2.log"), "three\n");
    const agent = second();
    await until("it is refused", () => agent.stderr().includes('is for the agent \\"web-1\\"'));
    expect(agent.stderr()).toContain("transport.refused");
    expect(await raws()).toEqual(["one", "two"]);
    expect((await ask("/metrics")).body).toMatch(/vedette_ingest_refused_total\{reason="identity"\} [1-9]/);

    ca.issue("ended", { ...agentName("web-2"), days: -1 });
    install("ended");
    await until("it says what ended", () => /second\.pem ended at/.test(agent.stderr()));
    const checked = await run(["check", "--config", join(dir, "web-2.yaml")]);
    expect(checked).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/tls\.certFile: .*ended at/) as unknown,
    });

    ca.issue("web-2", agentName("web-2"));
    install("web-2");
    await until("its line", async () => (await raws()).join() === "one,three,two", { timeoutMs: 60_000 });
  });

  it("loses nothing when the collector is killed", async () => {
    await fleet.kill("collector");
    appendFileSync(join(dir, "logs", "web-1.log"), "zwei\n");
    fleet.start("collector");
    await until("the line", async () => (await raws()).includes("zwei"), { timeoutMs: 180_000 });
    expect(await raws()).toEqual(["one", "three", "two", "zwei"]);
  });

  it("connects to nobody without TLS, and to no server of another authority", async () => {
    const other = new TestAuthority(dir, "other");
    const config = join(dir, "web-3.yaml");
    ca.issue("web-3", agentName("web-3"));
    writeFileSync(join(dir, "logs", "web-3.log"), "never\n");
    const agent = agentConfig("web-3", "web-3");
    const tls = { ...agent.collector.tls, caFile: other.caFile };
    writeFileSync(config, stringify({ agent: { ...agent, collector: { address, tls } } }));
    const running = vedette(["agent", "--config", config], { cwd: dir });
    others.push(running);
    await until("it says why", () => /authority that is not trusted.*other\.pem/.test(running.stderr()));
    expect(await raws()).not.toContain("never");

    writeFileSync(config, stringify({ agent: { collector: { address: "collector.example:8601" } } }));
    const checked = await run(["check", "--config", config]);
    expect(checked).toMatchObject({
      code: 2,
      stdout: expect.stringContaining("set agent.collector.tls") as unknown,
    });
  });
});

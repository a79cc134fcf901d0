import { randomBytes } from "node:crypto";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { agentConfig } from "./config/index.ts";
import { type RunningAgent, startAgent } from "./run.ts";
import { catSpool } from "./spool/index.ts";
import { startTestCollector, type TestCollector } from "./testing/collector.ts";
import { until } from "./testing/until.ts";

let dir = "";
const agents: RunningAgent[] = [];
const collectors: TestCollector[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "vedette-agent-"));
});
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.stop();
  for (const collector of collectors.splice(0)) await collector.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function start(options: object = {}, address = "127.0.0.1:1"): Promise<RunningAgent> {
  const config = agentConfig.parse({
    stateDir: "state",
    collector: { address },
    batch: { seconds: 0.05 },
    inputs: [{ type: "file", dataType: "generic", include: ["*.log"], pollSeconds: 0.02 }],
    ...options,
  });
  const agent = await startAgent(config, {
    log: recordingLogger(),
    clock: systemClock,
    signal: new AbortController().signal,
    baseDir: dir,
  });
  agents.push(agent);
  return agent;
}

async function collect(...options: Parameters<typeof startTestCollector>): Promise<TestCollector> {
  const collector = await startTestCollector(...options);
  collectors.push(collector);
  return collector;
}

const rawsOf = (collector: TestCollector): string[] =>
  collector.deliveries.flatMap(({ batch }) =>
    Array.from({ length: batch.rows }, (_, row) => batch.event(row).raw ?? ""),
  );

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i} é\n`).join("");
const expected = (from: number, to: number): string[] => numbered(from, to).trimEnd().split("\n");

describe("agent", () => {
  it("ships every line once, in order, with an id that a second reading would give again", async () => {
    writeFileSync(join(dir, "a.log"), numbered(0, 500));
    const collector = await collect((delivery) => delivery.ack());
    const agent = await start({}, collector.address);
    appendFileSync(join(dir, "a.log"), numbered(500, 700));
    await until(
      "all lines are acknowledged",
      () => rawsOf(collector).length >= 700 && agent.stats().unacknowledged === 0,
    );
    expect(rawsOf(collector)).toEqual(expected(0, 700));
    const { header } = collector.deliveries[0]!.batch;
    expect(header).toMatchObject({ agentId: agent.agentId, sequence: 0, dataType: "generic" });
    const event = collector.deliveries[0]!.batch.event(0);
    expect(event).toMatchObject({ dataType: "generic", agentId: agent.agentId });
    expect(event.id).toMatch(/^[0-9a-f]{32}$/);
  });

  it("keeps everything in the spool while there is no collector, and ships it after a restart", async () => {
    writeFileSync(join(dir, "a.log"), numbered(0, 300));
    const first = await start();
    await until("the lines are on disk", () => first.stats().unacknowledged > 0);
    await first.stop();
    const kept: string[] = [];
    for await (const { batch } of catSpool(join(dir, "state", "spool"))) {
      for (let row = 0; row < batch.rows; row++) kept.push(batch.event(row).raw ?? "");
    }
    expect(kept).toEqual(expected(0, 300));
    appendFileSync(join(dir, "a.log"), numbered(300, 400));
    const collector = await collect((delivery) => delivery.ack());
    const second = await start({}, collector.address);
    await until("all lines arrive", () => rawsOf(collector).length >= 400);
    expect(rawsOf(collector)).toEqual(expected(0, 400));
    await until("everything is acknowledged", () => second.stats().unacknowledged === 0);
  });

  it("moves the checkpoint over lines that a pipeline drops, and counts them", async () => {
    writeFileSync(
      join(dir, "drop.yaml"),
      "pipeline:\n  - dataTypes: [noise]\n    steps:\n      - drop: { where: 'true' }\n",
    );
    writeFileSync(join(dir, "a.log"), numbered(0, 50));
    const inputs = [{ type: "file", dataType: "noise", include: ["*.log"], pollSeconds: 0.02 }];
    const first = await start({ inputs, pipelines: ["drop.yaml"] });
    await until("the lines are counted", () => first.stats().dropped === 50);
    await first.stop();
    expect(first.stats()).toMatchObject({ lines: 50, events: 0, dropped: 50, batchesSealed: 0 });
    const second = await start({ inputs, pipelines: ["drop.yaml"] });
    appendFileSync(join(dir, "a.log"), numbered(50, 51));
    await until("the new line is counted", () => second.stats().lines > 0);
    expect(second.stats().lines).toBe(1);
  });

  it("stops soon while the spool is full, and loses nothing", async () => {
    // Random text, so that compression does not make room.
    const hex = randomBytes(9_500_000).toString("hex");
    const text = hex.replaceAll(/.{1000}/g, "$&\n");
    writeFileSync(join(dir, "a.log"), text);
    const agent = await start({ batch: { bytes: 2 ** 20 }, spool: { maxBytes: 8 * 2 ** 20 } });
    await until("the spool is full", () => agent.stats().spoolBytes > 7 * 2 ** 20);
    const begun = performance.now();
    await agent.stop();
    // It takes about 1 s, longer on a busy machine; for ever, if it waited for room.
    expect(performance.now() - begun).toBeLessThan(20_000);
    const collector = await collect((delivery) => delivery.ack());
    await start({}, collector.address);
    const lines = text.split("\n").filter((line) => line !== "");
    await until(
      "all lines arrive",
      () => collector.deliveries.reduce((n, d) => n + d.batch.rows, 0) >= lines.length,
    );
    expect(rawsOf(collector)).toEqual(lines);
  });

  it("ships a batch of many events before its time is over, a small one not", async () => {
    writeFileSync(join(dir, "few.log"), numbered(0, 10));
    writeFileSync(join(dir, "many.log"), numbered(0, 2_000));
    const collector = await collect((delivery) => delivery.ack());
    const input = { type: "file", pollSeconds: 0.02 };
    const inputs = [
      { ...input, dataType: "few", include: ["few.log"] },
      { ...input, dataType: "many", include: ["many.log"] },
    ];
    await start({ inputs, batch: { seconds: 1 } }, collector.address);
    await until("all lines arrive", () => rawsOf(collector).length >= 2_010);
    expect(collector.deliveries.map(({ batch }) => batch.header.dataType)).toEqual(["many", "few"]);
  });

  it("reads a file once that two inputs include, and says so", async () => {
    writeFileSync(join(dir, "a.log"), numbered(0, 20));
    const collector = await collect((delivery) => delivery.ack());
    const inputs = [
      { type: "file", include: ["*.log"], pollSeconds: 0.02, dataType: "generic" },
      { type: "file", include: ["a.*"], pollSeconds: 0.02, dataType: "syslog" },
    ];
    const agent = await start({ inputs }, collector.address);
    await until("the second input says why it does not read", () =>
      agent.health().message.includes("Another input follows it already"),
    );
    await until("the lines arrive", () => rawsOf(collector).length >= 20);
    await agent.stop();
    expect(rawsOf(collector)).toEqual(expected(0, 20));
  });

  it("says what is wrong with a state folder or a port, and leaves nothing open", async () => {
    writeFileSync(join(dir, "state"), "a file");
    await expect(start()).rejects.toMatchObject({ code: "config.invalid" });
    rmSync(join(dir, "state"));
    const first = await start({ http: { listen: "127.0.0.1:0" } });
    const taken = `127.0.0.1:${first.statusPort}`;
    await expect(start({ stateDir: "other", http: { listen: taken } })).rejects.toThrow("agent.http.listen");
    await start({ stateDir: "other" });
  });

  it("answers metrics and health on loopback", async () => {
    const agent = await start({ http: { listen: "127.0.0.1:0" } });
    const get = (path: string) => fetch(`http://127.0.0.1:${agent.statusPort}${path}`);
    expect(await (await get("/metrics")).text()).toContain("vedette_agent_spool_bytes 0");
    expect(await (await get("/healthz")).json()).toMatchObject({ status: "warning" });
    expect((await get("/nothing")).status).toBe(404);
  });
});

import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { agentConfig } from "../config/index.ts";
import { type RunningAgent, startAgent } from "../run.ts";
import { startTestCollector, type TestCollector } from "../testing/collector.ts";
import { until } from "../testing/until.ts";

const pipeline = `
pipeline:
  - dataTypes: [shop]
    steps:
      - json: { source: raw }
      - drop: { where: 'equals("log.level", "debug")' }
`;

let dir = "";
let agent: RunningAgent;
let collector: TestCollector;

const socket = (): string => join(dir, "state", "control.sock");
const write = (...logs: object[]): void =>
  appendFileSync(join(dir, "a.log"), logs.map((log) => `${JSON.stringify(log)}\n`).join(""));

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "vedette-control-"));
  writeFileSync(join(dir, "shop.yaml"), pipeline);
  writeFileSync(join(dir, "a.log"), "");
  collector = await startTestCollector((delivery) => delivery.ack());
  agent = await startAgent(
    agentConfig.parse({
      stateDir: "state",
      collector: { address: collector.address },
      batch: { seconds: 0.05 },
      pipelines: ["shop.yaml"],
      inputs: [{ type: "file", dataType: "shop", include: ["*.log"], pollSeconds: 0.02 }],
    }),
    { log: recordingLogger(), clock: systemClock, signal: new AbortController().signal, baseDir: dir },
  );
});
afterEach(async () => {
  await agent.stop();
  await collector.stop();
  rmSync(dir, { recursive: true, force: true });
});

const ask = (path: string, method = "GET"): Promise<IncomingMessage> =>
  new Promise((done, fail) => {
    request({ socketPath: socket(), path, method }, done).on("error", fail).end();
  });

async function body(path: string, method = "GET"): Promise<{ status: number; text: string }> {
  const response = await ask(path, method);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() };
}

/** Opens a tap, does something, and gives the first lines that come. */
async function tapped(query: string, count: number, act: () => void): Promise<Record<string, unknown>[]> {
  const response = await ask(`/tap?${query}`);
  expect(response.statusCode).toBe(200);
  act();
  const found: Record<string, unknown>[] = [];
  for await (const line of createInterface({ input: response })) {
    found.push(JSON.parse(line) as Record<string, unknown>);
    if (found.length >= count) break;
  }
  response.destroy();
  return found;
}

describe("the control socket", () => {
  it("belongs to the agent's user alone, tells status and metrics, and goes with the agent", async () => {
    expect(statSync(socket()).mode & 0o777).toBe(0o600);
    write({ level: "info" }, { level: "debug" });
    await until("both lines are counted", () => agent.stats().dropped === 1 && agent.stats().events === 1);
    const { text } = await body("/status");
    expect(JSON.parse(text)).toMatchObject({
      agentId: agent.agentId,
      stats: { lines: 2, events: 1, dropped: 1 },
      inputs: [{ health: { status: "healthy" } }],
    });
    expect((await body("/metrics")).text).toContain(
      'vedette_agent_dropped_total{stage="parse",reason="pipeline_drop"} 1',
    );
    await agent.stop();
    expect(existsSync(socket())).toBe(false);
  });

  it("shows events that a filter lets through, one in so many", async () => {
    const events = await tapped(
      `point=events&sample=2&filter=${encodeURIComponent('greaterOrEqual("log.n", 3)')}`,
      2,
      () => write(...[1, 2, 3, 4, 5, 6].map((n) => ({ n }))),
    );
    expect(events.map((event) => event.log)).toEqual([{ n: 3 }, { n: 5 }]);
  });

  it("shows logs as read, drops with their reason, batches and acknowledgements", async () => {
    const debug = () => write({ level: "debug" });
    expect(await tapped("point=drops", 1, debug)).toEqual([
      { dataType: "shop", reason: "pipeline_drop", raw: '{"level":"debug"}' },
    ]);
    expect(await tapped("point=logs", 1, debug)).toMatchObject([{ raw: '{"level":"debug"}', dropped: true }]);
    const info = () => write({ level: "info" });
    expect(await tapped("point=logs", 1, info)).toMatchObject([
      { raw: '{"level":"info"}', dataType: "shop" },
    ]);
    expect(await tapped("point=batches", 1, info)).toMatchObject([{ rows: 1, agentId: agent.agentId }]);
    expect(await tapped("point=acks", 1, info)).toMatchObject([{ rows: 1, outcome: "stored" }]);
    expect(await tapped("point=events&dataType=shop", 1, info)).toMatchObject([{ log: { level: "info" } }]);
  });

  it.each([
    ["/tap?point=nowhere", 400, "There are logs, events, drops, batches, acks"],
    ["/tap?filter=%3D%3D", 400, "The filter is wrong"],
    ["/tap?sample=0", 400, "sample must be a whole number"],
    ["/elsewhere", 404, "There is no GET /elsewhere here."],
  ])("refuses %s in words", async (path, status, words) => {
    const answer = await body(path);
    expect(answer.status).toBe(status);
    expect((JSON.parse(answer.text) as { error: string }).error).toContain(words);
  });

  it("never waits for a reader, and tells it how much it missed", async () => {
    const response = await ask("/tap");
    response.pause();
    const raw = "x".repeat(2_000);
    for (let part = 0; part < 30; part++) write(...Array.from({ length: 500 }, (_, n) => ({ n, raw })));
    await until("all lines are acknowledged", () => agent.stats().events === 15_000);
    let missed = 0;
    let seen = 0;
    for await (const line of createInterface({ input: response })) {
      const value = JSON.parse(line) as { missed?: number };
      if (value.missed === undefined) seen++;
      else missed += value.missed;
      if (seen + missed >= 15_000) break;
    }
    expect(missed).toBeGreaterThan(0);
    expect(seen + missed).toBe(15_000);
    response.destroy();
  });

  it("is left out, with a warning, where the folder's path is too long for a socket", async () => {
    const deep = join(dir, "d".repeat(60), "e".repeat(60));
    mkdirSync(deep, { recursive: true });
    const log = recordingLogger();
    const config = agentConfig.parse({ stateDir: deep, collector: { address: "127.0.0.1:1" } });
    const other = await startAgent(config, {
      log,
      clock: systemClock,
      signal: new AbortController().signal,
      baseDir: dir,
    });
    expect(existsSync(join(deep, "control.sock"))).toBe(false);
    expect(JSON.stringify(log.lines)).toContain("The path of the control socket is too long");
    await other.stop();
  });
});

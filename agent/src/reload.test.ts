import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Event, systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { agentConfig } from "./config/index.ts";
import { type RunningAgent, startAgent } from "./run.ts";
import { startTestCollector, type TestCollector } from "./testing/collector.ts";
import { until } from "./testing/until.ts";

let dir = "";
let settings: Record<string, unknown> = {};
let agent: RunningAgent;
const collectors: TestCollector[] = [];

const file = (name: string, dataType = "shop") => ({
  type: "file",
  dataType,
  include: [`${name}.log`],
  pollSeconds: 0.02,
});
const tagging = (tag: string): string =>
  `pipeline:\n  - dataTypes: [shop]\n    steps:\n      - add: { function: string, params: { key: action, value: ${tag} } }\n`;

async function collect(): Promise<TestCollector> {
  const collector = await startTestCollector((delivery) => delivery.ack());
  collectors.push(collector);
  return collector;
}

const events = (): Event[] =>
  collectors.flatMap(({ deliveries }) =>
    deliveries.flatMap(({ batch }) => Array.from({ length: batch.rows }, (_, row) => batch.event(row))),
  );

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "vedette-reload-"));
  writeFileSync(join(dir, "shop.yaml"), tagging("first"));
  writeFileSync(join(dir, "a.log"), "");
  settings = {
    stateDir: "state",
    collector: { address: (await collect()).address },
    batch: { seconds: 0.05 },
    pipelines: ["shop.yaml"],
    inputs: [file("a")],
  };
  const readConfig = () => agentConfig.parse(settings);
  agent = await startAgent(readConfig(), {
    log: recordingLogger(),
    clock: systemClock,
    signal: new AbortController().signal,
    baseDir: dir,
    readConfig,
  });
});
afterEach(async () => {
  await agent.stop();
  for (const collector of collectors.splice(0)) await collector.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe("reload", () => {
  it("says that nothing changed when nothing did", async () => {
    expect(await agent.reload()).toEqual({ changes: [] });
  });

  it("loses and doubles no line while inputs, pipelines and the collector change under load", async () => {
    let written = 0;
    const write = (count: number): void => {
      const lines = Array.from({ length: count }, (_, n) => `line ${written + n}\n`);
      appendFileSync(join(dir, "a.log"), lines.join(""));
      written += count;
    };
    const timer = setInterval(() => write(50), 2);
    for (let round = 0; round < 12; round++) {
      writeFileSync(join(dir, "shop.yaml"), tagging(`round${round}`));
      settings.inputs = round % 2 === 0 ? [{ ...file("a"), maxFiles: 10 + round }, file("b")] : [file("a")];
      if (round % 4 === 3) settings.collector = { address: (await collect()).address };
      if (round % 3 === 2) renameSync(join(dir, "a.log"), join(dir, `a.log.${round}`));
      await agent.reload();
      const before = agent.stats().lines;
      await until("more was read", () => agent.stats().lines > before);
    }
    clearInterval(timer);
    const raws = (): Set<string> => new Set(events().map((event) => event.raw ?? ""));
    await until("every line arrived", () => raws().size === written);
    await until("all is acknowledged", () => agent.stats().unacknowledged === 0);
    // What the first collector had stored without its answer coming through goes to the next one too, under its old id.
    const byId = new Map(events().map((event) => [event.id, event.raw]));
    expect(byId.size).toBe(written);
    expect(new Set(events().map(({ action }) => action)).size).toBeGreaterThan(6);
  });

  it("takes a changed pipeline for the next line, and keeps the old one when the new one is wrong", async () => {
    appendFileSync(join(dir, "a.log"), "one\n");
    await until("the first line arrived", () => events().length === 1);
    writeFileSync(join(dir, "shop.yaml"), tagging("second"));
    await agent.reload();
    appendFileSync(join(dir, "a.log"), "two\n");
    await until("the second line arrived", () => events().length === 2);
    writeFileSync(join(dir, "shop.yaml"), tagging("third").replace("add:", "ad:"));
    settings.inputs = [file("a"), file("b")];
    await expect(agent.reload()).rejects.toThrow(/shop\.yaml:4:9: .*Unknown key "ad"/);
    appendFileSync(join(dir, "a.log"), "three\n");
    await until("the third line arrived", () => events().length === 3);
    expect(events().map(({ raw, action }) => [raw, action])).toEqual([
      ["one", "first"],
      ["two", "second"],
      ["three", "second"],
    ]);
  });

  it("tells what waits for the next start", async () => {
    settings.spool = { maxBytes: 64 * 2 ** 20 };
    expect(await agent.reload()).toEqual({ changes: ["agent.spool takes effect with the next start."] });
  });
});

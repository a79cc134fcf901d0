import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catSpool } from "@vedette/agent";
import { freePort, pause, type Running, until, vedette } from "@vedette/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { stringify } from "yaml";

let dir = "";
let agent: Running | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "vedette-http-"));
});
afterEach(async () => {
  agent?.kill("SIGKILL");
  await agent?.exited;
  rmSync(dir, { recursive: true, force: true });
});

interface Kept {
  readonly id: string;
  readonly raw: string;
  readonly input: unknown;
}

async function spooled(): Promise<Kept[]> {
  const kept: Kept[] = [];
  for await (const { batch } of catSpool(join(dir, "state", "spool"))) {
    for (let row = 0; row < batch.rows; row++) {
      const { id = "", raw = "", log } = batch.event(row);
      kept.push({ id, raw, input: (log as Record<string, unknown> | undefined)?.["input"] });
    }
  }
  return kept;
}

it("answers 200 for no log that a SIGKILL right after can take away", async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  const config = join(dir, "vedette.yaml");
  const routes = [{ path: "/hook", headers: ["X-Kind"], idempotency: { header: "X-Id" } }];
  const inputs = [{ type: "http", id: "hooks", dataType: "json", listen, routes, durableWithinMs: 20 }];
  writeFileSync(
    config,
    stringify({ agent: { stateDir: "state", inputs, collector: { address: "127.0.0.1:1" } } }),
  );
  const acknowledged = new Set<number>();
  let next = 0;
  let sending = true;

  /** Sends numbered logs, each until it is acknowledged, as a careful sender does. */
  const send = async (): Promise<void> => {
    while (sending) {
      const n = next++;
      const body = `[{"n":${n},"text":"a\\nb"}]`;
      const headers = { "content-type": "application/json", "x-id": String(n), "x-kind": `k${n % 3}` };
      for (;;) {
        const response = await fetch(`http://${listen}/hook`, { method: "POST", body, headers }).catch(
          () => undefined,
        );
        await response?.arrayBuffer().catch(() => undefined);
        if (response?.status === 200) break;
        await pause(20);
      }
      acknowledged.add(n);
    }
  };
  const start = (): void => {
    agent = vedette(["agent", "--config", config], { cwd: dir });
  };
  start();
  const senders = Array.from({ length: 8 }, send);
  for (let kills = 1; kills <= 4; kills++) {
    await until("some are acknowledged", () => acknowledged.size >= kills * 100);
    agent?.kill(kills % 2 === 0 ? "SIGTERM" : "SIGKILL");
    await agent?.exited;
    const safe = [...acknowledged];
    const kept = new Set((await spooled()).map(({ raw }) => raw));
    expect(safe.filter((n) => !kept.has(`{"n":${n},"text":"a\\nb"}`))).toEqual([]);
    start();
  }
  await until("more are acknowledged", () => acknowledged.size >= 500);
  sending = false;
  await Promise.all(senders);
  agent?.kill("SIGTERM");
  expect((await agent?.exited)?.code).toBe(0);

  const kept = await spooled();
  expect(new Set(kept.map(({ raw }) => raw)).size).toBe(acknowledged.size);
  expect(new Set(kept.map(({ id }) => id)).size).toBe(kept.length);
  // A log is kept twice only where the agent was killed between its disk and its answer: at most one for each sender and kill.
  expect(kept.length - acknowledged.size).toBeLessThanOrEqual(8 * 4);
  expect(kept[0]!.input).toEqual({
    sender: "127.0.0.1",
    path: "/hook",
    "x-kind": expect.stringMatching(/^k\d$/),
  });
});

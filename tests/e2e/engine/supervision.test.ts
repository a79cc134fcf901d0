import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { type EngineState, startEngine } from "../../../collector/src/engine/index.ts";
import { endless, raw, running, type TestEngine, temporary, testEngine, until } from "./support.ts";

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
});

async function start(
  options: Parameters<typeof testEngine>[0] = {},
): Promise<TestEngine & { states: EngineState[] }> {
  const states: EngineState[] = [];
  const engine = await testEngine({ ...options, onState: (state) => states.push(state) });
  open.push(engine);
  return { ...engine, states };
}

const alive = (pid: number): boolean => {
  try {
    // A killed process stays in the table until its parent has seen it; it holds nothing any more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

/** Insert bodies on disk or in memory, by the layout that the engine documents. */
function bodies(stateDir: string): string[] {
  const root = realpathSync(join(stateDir, "engine"));
  const name = `vedette-${process.getuid?.()}-${createHash("sha256").update(root).digest("hex").slice(0, 16)}`;
  return [join("/dev/shm", name), join(root, "spool")].flatMap((directory) =>
    existsSync(directory) ? readdirSync(directory) : [],
  );
}

it("starts a killed engine again at the same address with the same key, and the client goes on", async () => {
  const t = await start();
  await t.client.command({ query: "CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a" });
  await t.insert("INSERT INTO t FORMAT CSV", "1\n2\n");
  const { url, pid } = t.engine;
  process.kill(pid!, "SIGKILL");
  await until(
    "the engine answers again",
    async () => (await t.client.ping()).success && t.engine.pid !== pid,
  );
  expect(t.engine.url).toBe(url);
  expect(await t.value("SELECT count() FROM t")).toBe("2");
  expect(t.states.map((state) => state.name)).toEqual([
    "starting",
    "ready",
    "restarting",
    "starting",
    "ready",
  ]);
  expect(t.states[2]).toMatchObject({ reason: "The engine process was ended by SIGKILL.", tripped: false });
});

it("kills an engine that hangs and starts another", async () => {
  const t = await start({ limits: { hangAfterMs: 600 } });
  const { pid } = t.engine;
  process.kill(pid!, "SIGSTOP");
  await until("another engine runs", () => t.engine.pid !== undefined && t.engine.pid !== pid);
  expect(await t.value("SELECT 1")).toBe("1");
});

it("says what is wrong when it cannot start, and that trying again may help", async () => {
  const t = await start();
  const port = Number(new URL(t.engine.url).port);
  const stateDir = temporary();
  open.push({ stop: async () => rmSync(stateDir, { recursive: true, force: true }) });
  await expect(startEngine({ stateDir, port })).rejects.toMatchObject({
    code: "engine.exited",
    verdict: { verdict: "retry" },
    message: expect.stringContaining("EADDRINUSE"),
  });
});

it("keeps a query within its memory", async () => {
  const t = await start({ memory: { maxMemoryBytes: 512 << 20 } });
  const hungry = "SELECT length(groupArray(repeat('x', 1000))) FROM numbers(10000000)";
  expect(await t.code(hungry)).toBe("241");
  expect(await t.code(hungry, { max_memory_usage: "100000000000" })).toBe("452");
  expect(await t.value("SELECT 1")).toBe("1");
});

it("can be stopped while it waits to start again", async () => {
  const t = await start();
  for (let lives = 0; lives < 3; lives++) {
    await until("an engine runs", () => t.engine.pid !== undefined);
    process.kill(t.engine.pid!, "SIGKILL");
    await until("it is gone", () => t.engine.pid === undefined);
  }
  const started = performance.now();
  await t.engine.stop();
  expect(performance.now() - started).toBeLessThan(3_000);
  expect(t.engine.pid).toBeUndefined();
});

it("stops within its grace while a query runs, and kills the query first", async () => {
  const t = await start({ limits: { shutdownGraceMs: 4_000 } });
  const asked = raw(t.engine, "/", { method: "POST", body: endless }).then(
    async (response) => `${response.headers.get("x-clickhouse-exception-code")}`,
    () => "cut",
  );
  await until("the query runs", async () => (await t.value(running)) === "1");
  const { pid } = t.engine;
  const started = performance.now();
  await t.engine.stop();
  expect(performance.now() - started).toBeLessThan(4_000);
  expect(alive(pid!)).toBe(false);
  expect(["394", "cut"]).toContain(await asked);
  expect(t.states.at(-1)).toEqual({ name: "stopped" });
  await t.engine.stop();
});

it("stops cleanly under a storm of requests: each is answered or cut, none hangs", async () => {
  const t = await start();
  await t.client.command({ query: "CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a" });
  let stopped = false;
  const storm = Array.from({ length: 12 }, async (_, i) => {
    while (!stopped) await t.insert("INSERT INTO t FORMAT CSV", `${i}\n`).catch(() => {});
  });
  await until("rows arrive", async () => Number(await t.value("SELECT count() FROM t")) > 50);
  const { pid } = t.engine;
  await t.engine.stop();
  stopped = true;
  await Promise.all(storm);
  expect(alive(pid!)).toBe(false);
  expect(bodies(t.stateDir)).toEqual([]);
  expect(t.states.filter((state) => state.name === "restarting")).toEqual([]);
});

it("dies with its parent, and the next parent waits for the data directory and says for whom", async () => {
  const stateDir = temporary();
  const program = fileURLToPath(new URL("./parent.ts", import.meta.url));
  const parent = spawn(process.execPath, ["--conditions=@vedette/source", program, stateDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = await new Promise<number>((resolve) => {
    createInterface({ input: parent.stdout }).once("line", (line) => resolve(Number(line)));
  });
  // The orphan is held so that the wait is seen, whatever the machine's speed.
  process.kill(pid, "SIGSTOP");
  parent.kill("SIGKILL");
  const states: EngineState[] = [];
  const waiting = startEngine({ stateDir, onState: (state) => states.push(state) });
  await until("the second engine waits", () => states.some((state) => state.name === "locked"));
  expect(states.find((state) => state.name === "locked")).toEqual({ name: "locked", holder: pid });
  process.kill(pid, "SIGCONT");
  const engine = await waiting;
  open.push({ stop: () => engine.stop().then(() => rmSync(stateDir, { recursive: true, force: true })) });
  expect(alive(pid)).toBe(false);
  expect(states.at(-1)?.name).toBe("ready");
});

it("says who holds the data directory when it has waited long enough", async () => {
  const t = await start();
  const second = startEngine({ stateDir: t.stateDir, limits: { lockWaitMs: 300 } });
  await expect(second).rejects.toMatchObject({
    code: "engine.exited",
    message: expect.stringContaining(
      `Process ${t.engine.pid} still uses ${join(t.stateDir, "engine", "data")}`,
    ),
  });
  // The first is unharmed by the attempt.
  expect(await t.value("SELECT 1")).toBe("1");
});

it("leaves no bodies behind, also after SIGKILL in the middle of an insert", async () => {
  const t = await start();
  await t.client.command({ query: "CREATE TABLE t (a UInt32, s String) ENGINE = MergeTree ORDER BY a" });
  const { pid } = t.engine;
  const body = '{"a":1,"s":"x"}\n'.repeat(500_000);
  const insert = t.insert("INSERT INTO t FORMAT JSONEachRow", body).catch(() => {});
  setTimeout(() => process.kill(pid!, "SIGKILL"), 5);
  await insert;
  await until(
    "the engine answers again",
    async () => (await t.client.ping()).success && t.engine.pid !== pid,
  );
  expect(bodies(t.stateDir)).toEqual([]);
  expect(["0", "500000"]).toContain(await t.value("SELECT count() FROM t"));
});

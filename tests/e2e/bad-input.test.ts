import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childrenOf, Fleet, freePort, NumberedLog, run, until, usageOf, vedette } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vedette-bad-input-"));
const logs = join(dir, "logs");
const log = (name: string): string => join(logs, name);
let fleet: Fleet;

type Row = Record<string, unknown>;
const rows = async (filter: string): Promise<Row[]> =>
  (
    await fleet.get<{ items: Row[] }>(
      `/api/v1/events?from=-1h&limit=1000&filter=${encodeURIComponent(filter)}`,
    )
  ).items;

beforeAll(async () => {
  const input = (dataType: string, name: string) => ({ type: "file", dataType, include: [log(name)] });
  fleet = await Fleet.create(dir, {
    inputs: [
      input("steady", "steady.log"),
      input("huge", "huge.log"),
      input("latin", "latin.log"),
      { ...input("deleted", "deleted.log"), closeAfterSeconds: 3 },
    ],
    agent: { batch: { seconds: 0.2 } },
  });
  fleet.start("collector");
  fleet.start("agent");
  await fleet.ready();
});

afterAll(() => {
  fleet.destroy();
  rmSync(dir, { recursive: true, force: true });
});

let steady = 0;
/** Shows that the other inputs, and everything behind them, go on. */
async function goesOn(): Promise<void> {
  const raw = `steady ${++steady}`;
  appendFileSync(log("steady.log"), `${raw}\n`);
  await until("another input to go on", async () =>
    (await rows("dataType:steady")).some((row) => row.raw === raw),
  );
}

describe("bad input", () => {
  it("cuts a line of 100 MB and says so, in bounded memory, while other inputs go on", async () => {
    await goesOn();
    const agent = fleet.process("agent")?.pid ?? 0;
    const before = usageOf(agent).peakBytes;
    const file = openSync(log("huge.log"), "w");
    const piece = Buffer.alloc(4 << 20, "x");
    for (let i = 0; i < 25; i++) writeSync(file, piece);
    await goesOn();
    writeSync(file, "\nthe next line\n");
    closeSync(file);
    const [long, next] = await until("both lines", async () => {
      const found = await rows("dataType:huge");
      return found.length >= 2 && found.sort((a, b) => String(b.raw).length - String(a.raw).length);
    });
    expect(String(long?.raw)).toHaveLength(2 ** 20);
    expect(long?.errors).toEqual([expect.stringMatching(/cut at 1048576 bytes/)]);
    expect(next).toMatchObject({ raw: "the next line" });
    expect(usageOf(agent).peakBytes - before).toBeLessThan(64 << 20);
  });

  it("replaces bytes that are not UTF-8 and says so", async () => {
    writeFileSync(
      log("latin.log"),
      Buffer.from([0x47, 0xfc, 0x6e, 0x0a, 0xff, 0xfe, 0x0a, 0x6f, 0x6b, 0x0a]),
    );
    const found = await until("three lines", async () => {
      const all = await rows("dataType:latin");
      return all.length >= 3 && all;
    });
    expect(found).toHaveLength(3);
    expect(found.find(({ raw }) => raw === "ok")).not.toHaveProperty("errors");
    expect(found.find(({ raw }) => raw === "G\ufffdn")).toMatchObject({
      errors: [expect.stringMatching(/not UTF-8/)],
    });
  });

  it("reads a file to its end that is deleted meanwhile", async () => {
    const file = openSync(log("deleted.log"), "w");
    writeSync(file, "before\n");
    await until("the first line", async () => (await rows("dataType:deleted")).length === 1);
    rmSync(log("deleted.log"));
    writeSync(file, "after\nwithout an end");
    closeSync(file);
    await until("the other lines", async () => (await rows("dataType:deleted")).length === 3);
    await goesOn();
  });

  it("answers malformed requests with what is wrong, and goes on", async () => {
    const asked: readonly (readonly [string, RequestInit?])[] = [
      ["/api/v1/events?from=yesterday-ish"],
      ["/api/v1/events?limit=-1"],
      ["/api/v1/events?limit=1e9"],
      ["/api/v1/events?cursor=%00%ff"],
      ["/api/v1/events?cursor=eyJhIjoxfQ"],
      ["/api/v1/events?filter=nosuchfield:1"],
      ["/api/v1/events?filter=)))((("],
      [`/api/v1/events?q=${"a".repeat(5_000)}`],
      ["/api/v1/events/no-such-event"],
      ["/api/v1/nothing"],
      ["/api/v1/keys", { method: "POST", body: "{", headers: { "content-type": "application/json" } }],
      [
        "/api/v1/keys",
        { method: "POST", body: "x".repeat(2 << 20), headers: { "content-type": "application/json" } },
      ],
      ["/api/v1/events", { method: "DELETE" }],
    ];
    for (const [path, init] of asked) {
      const response = await fetch(`${fleet.url}${path}`, init);
      expect([400, 401, 403, 404, 405, 413, 414, 415, 422], path).toContain(response.status);
      expect(((await response.json()) as { detail?: string; title?: string }).title, path).toBeTruthy();
    }
    await goesOn();
  });
});

describe("a second one", () => {
  it("is refused on the same state, agent and collector alike, with the place named", async () => {
    const config = join(dir, "vedette.yaml");
    for (const part of ["agent", "collector"]) {
      const second = await run([part, "--config", config], { cwd: dir });
      expect(second).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/Process \d+ already uses .*(spool|collector)/),
      });
    }
    await goesOn();
  });

  it("ends with a message where its port is taken, before an engine is started", async () => {
    const { port } = new URL(fleet.url);
    const second = vedette([
      "up",
      "--no-samples",
      "--no-host-logs",
      "--port",
      port,
      "--data-dir",
      join(dir, "second"),
    ]);
    expect((await second.exited).code).toBe(1);
    expect(second.stderr()).toMatch(/Cannot listen on .*collector\.http\.listen.*EADDRINUSE/);
    expect(existsSync(join(dir, "second", "collector", "engine"))).toBe(false);
  });
});

describe("an end without warning", () => {
  it("leaves no engine behind, and the next start works", async () => {
    const port = String(await freePort());
    const args = ["up", "--no-samples", "--no-host-logs", "--port", port, "--data-dir", join(dir, "killed")];
    const ready = () =>
      until("the page", async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok, { everyMs: 200 });
    const first = vedette(args);
    await ready();
    const engine = childrenOf(first.pid)[0]!;
    first.kill("SIGKILL");
    await until("its engine to end", () => !isRunning(engine));
    const next = vedette(args);
    await ready();
    next.kill("SIGTERM");
    expect((await next.exited).code).toBe(0);
  });
});

describe("a stop under load", () => {
  it("takes less than five seconds for agent and collector, loses nothing, and leaves no engine", async () => {
    const place = join(dir, "load");
    const loaded = await Fleet.create(place, {
      inputs: [{ type: "file", dataType: "numbered", include: [join(place, "logs", "app.log")] }],
    });
    try {
      const written = new NumberedLog(join(place, "logs"));
      written.append(100_000);
      loaded.start("collector");
      loaded.start("agent");
      await loaded.ready();
      const stored = async (): Promise<number> => {
        const page = await loaded.get<{ items: { count: number | string }[] }>(
          "/api/v1/events/histogram?from=-1h",
        );
        return page.items.reduce((sum, { count }) => sum + Number(count), 0);
      };
      for (const part of ["collector", "agent", "collector"] as const) {
        const before = await stored();
        written.append(50_000);
        await until("work in progress", async () => (await stored()) > before);
        const running = loaded.process(part)!;
        const engine = loaded.enginePid();
        const since = performance.now();
        running.kill("SIGTERM");
        expect((await running.exited).code, loaded.log()).toBe(0);
        expect(performance.now() - since, part).toBeLessThan(5_000);
        if (part === "collector" && engine !== undefined) expect(isRunning(engine)).toBe(false);
        loaded.start(part);
        await loaded.ready();
      }
      await until("all lines, and none twice", async () => (await stored()) === written.written, {
        everyMs: 500,
      });
    } finally {
      loaded.destroy();
    }
  });
});

/** Whether a process runs; one that has ended and was not collected yet does not. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe("a collector whose store does not answer", () => {
  it("lives, says what it waits for, and ends when it is asked to", async () => {
    const [http, ingest] = [await freePort(), await freePort()];
    const config = join(dir, "away.yaml");
    writeFileSync(
      config,
      `collector:
  stateDir: away
  http: { listen: "127.0.0.1:${http}" }
  ingest: { listen: "127.0.0.1:${ingest}" }
  store: { url: "http://127.0.0.1:9" }
`,
    );
    const collector = vedette(["collector", "--config", config]);
    const url = `http://127.0.0.1:${http}`;
    await until("health", async () => (await fetch(`${url}/healthz`)).ok);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: "waiting", reason: "The store is being opened." },
    ]);
    const events = await fetch(`${url}/api/v1/events`);
    expect(events.status).toBe(503);
    expect(await events.json()).toMatchObject({ title: "The store does not answer." });
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
    await until("a line that says so", () => collector.stderr().includes("The store cannot be opened yet"));
    collector.kill("SIGTERM");
    expect((await collector.exited).code).toBe(0);
  });
});

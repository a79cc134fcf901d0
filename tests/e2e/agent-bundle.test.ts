import { execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fleet, pause, until, usageOf } from "@vedette/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
let dir = "";
let bundle = "";

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "vedette-bundle-"));
  execFileSync(process.execPath, [join(root, "scripts", "build-agent.mjs")], { stdio: "pipe" });
  bundle = join(dir, "vedette-agent.mjs");
  copyFileSync(join(root, "dist", "vedette-agent.mjs"), bundle);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Runs the one file, far from the checkout, with nothing but Node. */
const agent = (...args: string[]): string =>
  execFileSync(process.execPath, [bundle, ...args], {
    cwd: dir,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });

const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;

async function stored(fleet: Fleet): Promise<number> {
  const page = await (await fetch(`${fleet.url}/metrics`)).text();
  return Number(/^vedette_ingest_events_total\{data_type="nginx"\} (\d+)$/m.exec(page)?.[1] ?? 0);
}

it("is one file that checks, runs, answers, and stops in less than 5 s with everything on disk", async () => {
  const fleet = await Fleet.create(join(dir, "fleet"), { inputs: [], agent: {}, collector: { log: "warn" } });
  fleet.start("collector");
  await fleet.ready();
  const config = join(dir, "agent.yaml");
  writeFileSync(
    config,
    JSON.stringify({
      agent: {
        stateDir: "state",
        collector: { address: fleet.ingestAddress },
        inputs: [{ type: "file", dataType: "nginx", include: ["access.log"] }],
      },
    }),
  );
  writeFileSync(join(dir, "access.log"), "");
  expect(agent("--version")).toMatch(/^\d+\.\d+\.\d+/);
  agent("check", "--config", config);
  // As an operator starts it: its first line sets what keeps memory small (docs/decisions/0058).
  const child = spawn(bundle, ["agent", "--config", config], {
    cwd: dir,
    stdio: "ignore",
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` },
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  try {
    await until("the control socket is there", async () => existsSync(join(dir, "state", "control.sock")));
    const line = '203.0.113.7 - - [31/Jan/2026:11:59:58 +0000] "GET / HTTP/1.1" 200 162 "-" "curl/8.5.0"\n';
    // The design allows 100 MiB; the rest is room for a first start, which compiles, and for another build of Node.
    let idle = Number.POSITIVE_INFINITY;
    await until("less than 120 MiB while idle", () => {
      idle = Math.min(idle, residentMiB(child.pid ?? 0));
      return idle < 120;
    }).catch((error: unknown) => {
      throw new Error(`It has ${idle} MiB.`, { cause: error });
    });
    appendFileSync(join(dir, "access.log"), line.repeat(20_000));
    await until("all events are stored", async () => (await stored(fleet)) === 20_000);
    const top = agent("top", "--once", "--every", "0.2", "--config", config);
    expect(top).toMatch(/events {2}nginx +\S+ +20\.0k/);
    appendFileSync(join(dir, "access.log"), line.repeat(100_000));
    const began = performance.now();
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(JSON.parse(agent("spool", "check", "--json", "state/spool"))).toMatchObject({ damaged: [] });
  } finally {
    child.kill("SIGKILL");
    await fleet.stop();
  }
});

it("keeps to its share of the CPU, and is told of another one while it runs", async () => {
  const config = join(dir, "limited.yaml");
  const write = (cpuPercent: number): void =>
    writeFileSync(
      config,
      JSON.stringify({
        agent: {
          stateDir: "limited",
          // Nobody listens: the work is reading, parsing and the spool.
          collector: { address: "127.0.0.1:1" },
          limits: { cpuPercent },
          inputs: [{ type: "file", dataType: "nginx", include: ["busy.log"] }],
        },
      }),
    );
  write(20);
  const line = '203.0.113.7 - - [31/Jan/2026:11:59:58 +0000] "GET / HTTP/1.1" 200 162 "-" "curl/8.5.0"\n';
  for (let part = 0; part < 40; part++) appendFileSync(join(dir, "busy.log"), line.repeat(50_000));
  const child = spawn(process.execPath, [bundle, "agent", "--config", config], { cwd: dir, stdio: "ignore" });
  const pid = child.pid ?? 0;
  const used = async (ms: number): Promise<number> => {
    const before = usageOf(pid).cpuSeconds;
    const began = performance.now();
    await pause(ms);
    return (usageOf(pid).cpuSeconds - before) / ((performance.now() - began) / 1_000);
  };
  try {
    await until("the agent runs", async () => existsSync(join(dir, "limited", "control.sock")));
    // The start itself, the second that it had saved up, and what is kept for the next start.
    await pause(8_000);
    const share = await used(5_000);
    expect(share).toBeLessThan(0.3);
    write(100);
    expect(agent("reload", "--config", config)).toContain(
      "Other limits of CPU time and memory are in force.",
    );
  } finally {
    child.kill("SIGKILL");
  }
});

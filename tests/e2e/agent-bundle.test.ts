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
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fleet, until } from "@vedette/testkit";
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
  const child = spawn(process.execPath, ["--max-semi-space-size=4", bundle, "agent", "--config", config], {
    cwd: dir,
    stdio: "ignore",
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  try {
    await until("the control socket is there", async () => existsSync(join(dir, "state", "control.sock")));
    const line = '203.0.113.7 - - [31/Jan/2026:11:59:58 +0000] "GET / HTTP/1.1" 200 162 "-" "curl/8.5.0"\n';
    const idle = residentMiB(child.pid ?? 0);
    appendFileSync(join(dir, "access.log"), line.repeat(20_000));
    await until("all events are stored", async () => (await stored(fleet)) === 20_000, {
      timeoutMs: 60_000,
    });
    const top = agent("top", "--once", "--every", "0.2", "--config", config);
    expect(top).toMatch(/events {2}nginx +\S+ +20\.0k/);
    appendFileSync(join(dir, "access.log"), line.repeat(100_000));
    const began = performance.now();
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(JSON.parse(agent("spool", "check", "--json", "state/spool"))).toMatchObject({ damaged: [] });
    // The design allows 100 MiB; the rest is room for another build of Node.
    expect(idle).toBeLessThan(130);
  } finally {
    child.kill("SIGKILL");
    await fleet.stop();
  }
});

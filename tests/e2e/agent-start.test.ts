import { execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@vedette/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
let dir = "";
let bundle = "";

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "vedette-start-"));
  execFileSync(process.execPath, [join(root, "scripts", "build-agent.mjs")], { stdio: "pipe" });
  bundle = join(dir, "vedette-agent.mjs");
  copyFileSync(join(root, "dist", "vedette-agent.mjs"), bundle);
  mkdirSync(join(dir, "cache"));
  writeFileSync(join(dir, "access.log"), "");
  const inputs = [{ type: "file", dataType: "nginx", include: ["access.log"] }];
  const agent = { stateDir: "state", collector: { address: "127.0.0.1:1" }, inputs, log: "debug" };
  writeFileSync(join(dir, "agent.yaml"), JSON.stringify({ agent }));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Starts an agent, waits for what it says of its compiled form and for what else is `done`, and stops it. Gives what it said. */
async function start(cache: string, said: string, done = async () => true): Promise<string> {
  let out = "";
  const child = spawn(process.execPath, [bundle, "agent", "--config", join(dir, "agent.yaml")], {
    cwd: dir,
    env: { ...process.env, CACHE_DIRECTORY: cache },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const take = (bytes: Buffer): void => {
    out += bytes.toString();
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  try {
    await until(`the agent to say "${said}"`, async () => out.includes(`"compiled":"${said}"`));
    await until("the agent runs", async () => existsSync(join(dir, "state", "control.sock")));
    await until("it is done", done, { timeoutMs: 60_000 });
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    return out;
  } finally {
    child.kill("SIGKILL");
  }
}

it("keeps what V8 made of it for the next start, and starts without where that is damaged or cannot be kept", async () => {
  const cache = join(dir, "cache");
  await start(cache, "kept");
  await start(cache, "used");
  const [name = "", ...others] = readdirSync(cache);
  expect(others).toEqual([]);
  const code = readFileSync(join(cache, name));
  code[code.length >> 1]! ^= 1;
  writeFileSync(join(cache, name), code);
  await start(cache, "made anew");
  await start(join(dir, "nowhere"), "not kept");
});

it("keeps at a stop what V8 made of busy kernels, and starts with it", async () => {
  const cache = join(dir, "cache");
  const spool = join(dir, "state", "spool");
  const spooled = (): number =>
    readdirSync(spool).reduce((sum, name) => sum + statSync(join(spool, name)).size, 0);
  const line = (row: number): string =>
    `203.0.113.${row % 250} - - [31/Jan/2026:11:59:58 +0000] "GET /${row} HTTP/1.1" 200 ${row} "-" "curl/8.5.0"\n`;
  const lines = Array.from({ length: 100_000 }, (_, row) => line(row)).join("");
  const keptBytes = (out: string): number =>
    Number(/"bytes":(\d+).*Code of kernels, kept/.exec(out)?.[1] ?? 0);
  let kept = 0;
  // V8 optimizes beside the work: on a busy machine an agent may be stopped before it has.
  for (let round = 1; round <= 2 || (kept === 0 && round <= 10); round++) {
    const before = spooled();
    appendFileSync(join(dir, "access.log"), lines);
    // Some bytes a line, and more where they are packed less.
    const out = await start(cache, round === 1 ? "kept" : "used", async () => spooled() > before + 400_000);
    kept ||= keptBytes(out);
  }
  expect(kept).toBeGreaterThan(1_000);
  const [, kernels = ""] = readdirSync(cache).sort();
  expect(kernels).toMatch(/^vedette-agent-[0-9a-f]+-[0-9a-f]+\.kernels$/);
});

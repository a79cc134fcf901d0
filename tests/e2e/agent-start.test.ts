import { execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
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

/** Starts an agent, waits for what it says of its compiled form, and stops it. */
async function start(cache: string, said: string): Promise<void> {
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
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
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

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, until } from "@vedette/testkit";
import type { Peer } from "./peers.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The agent as hosts run it: the one-file build, delivery contract on. Every line is in a sealed batch that is fsynced in
 * the spool; there is no collector, so shipping is not part of it, as it is not for the others.
 */
export async function ours(): Promise<Peer> {
  const bundle = await builtAgent();
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const port = await freePort();
  return {
    name: "vedette",
    version: `vedette ${version}, Node ${process.versions.node}`,
    program({ kind, parse }, file, dir, lines) {
      mkdirSync(dir, { recursive: true });
      const config = join(dir, "agent.yaml");
      const agent = {
        stateDir: join(dir, "state"),
        builtinPipelines: parse,
        inputs: [{ type: "file", dataType: kind, include: [file] }],
        spool: { maxBytes: 8 * 2 ** 30 },
        collector: { address: "127.0.0.1:1" },
        http: { listen: `127.0.0.1:${port}` },
        log: "error",
      };
      writeFileSync(config, JSON.stringify({ agent }));
      let askedAt = 0;
      return {
        command: process.execPath,
        env: {
          MALLOC_ARENA_MAX: "1",
          MALLOC_MMAP_THRESHOLD_: "65536",
          MALLOC_TRIM_THRESHOLD_: "262144",
          MALLOC_TOP_PAD_: "65536",
        },
        args: ["--min-semi-space-size=2", "--max-semi-space-size=2", bundle, "agent", "--config", config],
        // Answering costs the agent CPU time of its own, so it is not asked often.
        done: async () => {
          if (performance.now() - askedAt < 250) return false;
          askedAt = performance.now();
          return (await events(port)) >= lines;
        },
      };
    },
  };
}

/** Builds the one-file agent and starts it once. Gives its path. */
export async function builtAgent(): Promise<string> {
  execFileSync(process.execPath, [join(root, "scripts", "build-agent.mjs")], {
    stdio: ["ignore", process.stderr, "inherit"],
  });
  const bundle = join(root, "dist", "vedette-agent.mjs");
  await startedOnce(bundle);
  return bundle;
}

/**
 * On a host every start but the first finds what V8 made of the program (docs/decisions/0100), which is kept some seconds after
 * a start.
 */
async function startedOnce(bundle: string): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "vedette-first-"));
  const codes = (): string[] => readdirSync(dirname(bundle)).filter((name) => name.endsWith(".code"));
  for (const name of codes()) rmSync(join(dirname(bundle), name));
  const inputs = [{ type: "file", dataType: "nginx", include: [join(dir, "none.log")] }];
  const agent = { stateDir: dir, inputs, collector: { address: "127.0.0.1:1" }, log: "error" };
  writeFileSync(join(dir, "agent.yaml"), JSON.stringify({ agent }));
  const args = [
    "--min-semi-space-size=2",
    "--max-semi-space-size=2",
    bundle,
    "agent",
    "--config",
    join(dir, "agent.yaml"),
  ];
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  try {
    await until("the first start to be kept", () => codes().length > 0);
  } finally {
    child.kill("SIGKILL");
    await gone;
    rmSync(dir, { recursive: true, force: true });
  }
}

async function events(port: number): Promise<number> {
  try {
    const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const found = page.matchAll(/^vedette_agent_events_total\{.*\} (\d+)$/gm);
    return [...found].reduce((sum, [, count]) => sum + Number(count), 0);
  } catch {
    return 0;
  }
}

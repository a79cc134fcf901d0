/** Hands over to a program: its standard streams, its signals, its exit code. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { compileCache, root } from "./paths.mjs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/**
 * The options every Vedette process runs with; the launcher `vedette` has the same (a test compares them).
 * The young generation has room for what a collector makes while a group of batches is stored: of 4 MiB half would be moved among
 * the old each time, and the whole heap be marked twice as often (docs/decisions/0281). It is collected by one thread: several
 * spend more on waiting for each other.
 */
export const nodeOptions = [
  "--conditions=@vedette/source",
  "--disable-warning=ExperimentalWarning",
  "--max-semi-space-size=16",
  "--no-parallel-scavenge",
];

export const entry = join(root, "cli", "src", "main.ts");

/** Runs `file` to its end and returns the exit code that a shell would report. */
export const launch = (file, args, { env = {}, cwd } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      stdio: "inherit",
      env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...env },
    });
    // On a terminal Ctrl-C reaches the child too; sent twice it would look like "stop at once".
    const pass = (signal) => (signal !== "SIGINT" || !process.stdin.isTTY ? child.kill(signal) : undefined);
    for (const signal of SIGNALS) process.on(signal, pass);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      for (const each of SIGNALS) process.off(each, pass);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });

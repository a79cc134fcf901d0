import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const entry = fileURLToPath(new URL("../../cli/src/main.ts", import.meta.url));
/** As the launcher starts it. */
const nodeOptions = [
  "--conditions=@vedette/source",
  "--disable-warning=ExperimentalWarning",
  "--max-semi-space-size=16",
  "--no-parallel-scavenge",
];

/** Bound of output kept of one process. */
const keptBytes = 16 * 1024 * 1024;

/** A `vedette` process that a test started. */
export interface Running {
  readonly pid: number;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
}

interface ProcessOptions {
  readonly cwd?: string;
  readonly input?: string | Buffer;
  readonly env?: Record<string, string>;
}

/** Starts `vedette <args>` from source with the Node that runs the test. */
export const vedette = (args: readonly string[], options: ProcessOptions = {}): Running =>
  program(entry, args, options);

/** Starts a program that a test has of its own, in the way `vedette` is started. */
export const program = (file: string, args: readonly string[], options: ProcessOptions = {}): Running =>
  node([...nodeOptions, file, ...args], options);

/** Starts the one-file agent as its first line does. */
export const bundledAgent = (
  file: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Running => {
  const [line = ""] = readFileSync(file, "latin1").split("\n", 1);
  const [settings = "", flags = ""] = line.replace(/^.*env -S /, "").split(" node ");
  const env = Object.fromEntries(
    settings.split(" ").map((setting) => setting.split("=") as [string, string]),
  );
  return node([...flags.split(" "), file, ...args], { ...options, env: { ...env, ...options.env } });
};

function node(args: readonly string[], options: ProcessOptions): Running {
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const kept = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      kept[name] = (kept[name] + text).slice(-keptBytes);
    });
  }
  if (options.input !== undefined) {
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input);
  }
  return {
    pid: child.pid ?? -1,
    exited: new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal }))),
    stdout: () => kept.stdout,
    stderr: () => kept.stderr,
    kill: (signal) => child.kill(signal),
  };
}

/** Runs `vedette <args>` to its end. */
export async function run(
  args: readonly string[],
  options: Parameters<typeof vedette>[1] = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const process = vedette(args, options);
  const { code } = await process.exited;
  return { code, stdout: process.stdout(), stderr: process.stderr() };
}

/** The direct children of a process, from /proc. */
export function childrenOf(pid: number): number[] {
  const children: number[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (Number(parent) === pid) children.push(Number(name));
    } catch {
      // The process ended while we looked.
    }
  }
  return children;
}

/** User and system CPU seconds of a process so far, and its peak resident memory in bytes. */
export function usageOf(pid: number): { readonly cpuSeconds: number; readonly peakBytes: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return { cpuSeconds: ticks / 100, peakBytes: Number(peak?.[1] ?? 0) * 1024 };
}

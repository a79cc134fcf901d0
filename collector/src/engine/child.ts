import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Logger, messageOf, VedetteError } from "@vedette/sdk";
import type { EngineReport, EngineStart } from "./messages.ts";
import { watchAnswers } from "./watchdog.ts";

const STDERR_LINE = 500;

/** One run of the engine process. */
export interface EngineChild {
  readonly pid: number;
  readonly port: number;
  readonly version: string;
  /** Resolves with a sentence when the process has ended. */
  readonly ended: Promise<string>;
  /** Asks the process to end, and kills it when it has not within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

export interface ChildDeps {
  readonly log: Logger;
  readonly readyWithinMs: number;
  readonly onLocked: (holder: number | undefined) => void;
  /** Aborts to give the start up; the process is then killed, which its data is safe against. */
  readonly signal: AbortSignal;
}

/** Starts the engine process with the same Node and waits until it answers. Throws `engine.exited` when it does not. */
export async function spawnEngine(start: EngineStart, deps: ChildDeps): Promise<EngineChild> {
  const source = import.meta.url.endsWith(".ts");
  const main = fileURLToPath(new URL(source ? "./main.ts" : "./main.js", import.meta.url));
  const { limits } = start;
  const threads = 2 * (limits.readers + limits.writers + limits.smallWriters) + 8;
  const child = spawn(process.execPath, [...(source ? ["--conditions=@vedette/source"] : []), main], {
    stdio: ["pipe", "pipe", "pipe"],
    // The native calls block a pool thread each; with the default of four, a few heavy queries would stop every other one.
    env: { PATH: process.env.PATH ?? "", TZ: "UTC", UV_THREADPOOL_SIZE: String(threads) },
  });
  const ended = endOf(child);
  child.stdin.on("error", () => {});
  child.stdin.write(`${JSON.stringify(start)}\n`);
  createInterface({ input: child.stderr }).on("line", (line) => {
    deps.log.warn(
      { pid: child.pid, line: line.slice(0, STDERR_LINE) },
      "The engine wrote to its error output.",
    );
  });
  const giveUp = () => child.kill("SIGKILL");
  deps.signal.addEventListener("abort", giveUp, { once: true });
  const ready = await readiness(child, ended, deps)
    .catch((error: unknown) => {
      child.kill("SIGKILL");
      throw error;
    })
    .finally(() => deps.signal.removeEventListener("abort", giveUp));
  const watched = watchAnswers(`http://127.0.0.1:${ready.port}/ping`, start.limits.hangAfterMs, () => {
    deps.log.error({ pid: child.pid }, "The engine does not answer and is killed.");
    child.kill("SIGKILL");
  });
  void ended.then(watched);
  return {
    pid: child.pid ?? 0,
    port: ready.port,
    version: ready.version,
    ended,
    stop: (ms) => stop(child, ended, ms),
  };
}

async function endOf(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return signal
      ? `The engine process was ended by ${signal}.`
      : `The engine process ended with code ${code}.`;
  } catch (error) {
    return `The engine process could not be started: ${messageOf(error)}`;
  }
}

function readiness(child: ChildProcess, ended: Promise<string>, deps: ChildDeps) {
  return new Promise<Extract<EngineReport, { state: "ready" }>>((resolve, reject) => {
    const late = () => reject(exited(`The engine process did not answer within ${deps.readyWithinMs} ms.`));
    const timer = setTimeout(late, deps.readyWithinMs);
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const report = reportOf(line);
      if (!report) {
        deps.log.warn({ line: line.slice(0, STDERR_LINE) }, "The engine wrote to its output.");
      } else if (report.state === "ready") {
        clearTimeout(timer);
        resolve(report);
      } else if (report.state === "locked") deps.onLocked(report.holder);
      else reject(exited(report.reason, report.final));
    });
    void ended.then((reason) => {
      clearTimeout(timer);
      reject(exited(reason));
    });
  });
}

const exited = (reason: string, final = false) =>
  new VedetteError("engine.exited", reason, { verdict: final ? "stop" : "retry" });

/** A report of the engine process; undefined for anything else that the engine prints. */
function reportOf(line: string): EngineReport | undefined {
  try {
    const report: unknown = JSON.parse(line);
    return typeof report === "object" && report !== null && "state" in report
      ? (report as EngineReport)
      : undefined;
  } catch {
    return undefined;
  }
}

async function stop(child: ChildProcess, ended: Promise<string>, graceMs: number): Promise<void> {
  child.stdin?.end();
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await ended;
  clearTimeout(timer);
}

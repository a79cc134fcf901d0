import type { Logger } from "@vedette/sdk";
import { type Child, startChild } from "@vedette/sdk/input";
import { childCommand, type HostedCommand } from "./command.ts";
import { eventOfText, type StepEvent, type StepStart, startMessage } from "./envelope.ts";
import { hostError } from "./failure.ts";
import { Gate } from "./gate.ts";
import { quietLog } from "./quiet-log.ts";
import type { CallOptions, IconTransport, PluginUsage } from "./transport.ts";
import { watchUsage } from "./usage.ts";

/** Steps that may wait for their turn. */
const waitingRoom = 64;
/** What a plugin gets to end by itself after SIGTERM, milliseconds. */
const graceMs = 2_000;

type End = "deadline" | "output" | "memory" | "stopped";

const endings: Readonly<
  Record<
    End,
    { code: "plugin.timed_out" | "plugin.bad_output" | "plugin.failed"; why: string; again: boolean }
  >
> = {
  deadline: { code: "plugin.timed_out", why: "took longer than it may", again: true },
  output: { code: "plugin.bad_output", why: "wrote more than it may", again: false },
  memory: { code: "plugin.failed", why: "took more memory than it may", again: false },
  stopped: { code: "plugin.failed", why: "was stopped", again: true },
};

/**
 * Runs a plugin's program for each step: the start message on its stdin, the answer on its stdout. Each step has a process
 * group of its own, which is ended as a whole when it breaks a bound.
 */
export class ProcessTransport implements IconTransport {
  readonly #command: HostedCommand;
  readonly #log: Logger;
  readonly #gate: Gate;
  #usage: PluginUsage = { runs: 0, failures: 0, cpuSeconds: 0, peakMemoryBytes: 0 };

  constructor(command: HostedCommand, log: Logger) {
    this.#command = command;
    this.#log = quietLog(log);
    this.#gate = new Gate(command.maxConcurrent, waitingRoom);
  }

  run(start: StepStart, options: CallOptions): Promise<StepEvent> {
    return this.#call("run", start, options);
  }

  test(start: StepStart, options: CallOptions): Promise<StepEvent> {
    return this.#call("test", start, options);
  }

  /** The output of a verb that takes no message, such as `info`. */
  async text(verb: readonly string[], options: CallOptions): Promise<string> {
    return (await this.#gate.pass(() => this.#once(verb, "", options))).stdout;
  }

  usage(): PluginUsage {
    return this.#usage;
  }

  async #call(verb: "run" | "test", start: StepStart, options: CallOptions): Promise<StepEvent> {
    const message = JSON.stringify(startMessage(start));
    const { stdout, failed } = await this.#gate.pass(() => this.#once([verb], message, options));
    try {
      return eventOfText(stdout, start.kind);
    } catch (error) {
      this.#count({ failures: 1 });
      throw failed ?? error;
    }
  }

  /** `failed` says why there may be no answer: only then does it matter. */
  async #once(verb: readonly string[], message: string, { signal, deadlineMs }: CallOptions) {
    const { maxOutputBytes, maxMemoryBytes, timeoutSeconds } = this.#command;
    const child = startChild(
      { ...childCommand(this.#command, verb), input: message, endGroup: true },
      this.#log,
    );
    let ended: End | undefined;
    const end = (why: End): void => {
      ended ??= why;
      child.stop(why === "output" ? 0 : graceMs);
    };
    const timer = setTimeout(end, deadlineMs ?? timeoutSeconds * 1_000, "deadline");
    const aborted = (): void => end("stopped");
    signal.addEventListener("abort", aborted, { once: true });
    if (signal.aborted) aborted();
    const usage = watchUsage(child.pid, (bytes) => bytes > maxMemoryBytes && end("memory"));
    const stdout = readBounded(child, maxOutputBytes, () => end("output"));
    const exit = await child.exited;
    clearTimeout(timer);
    signal.removeEventListener("abort", aborted);
    this.#count({ runs: 1, ...usage.stop() });
    if (ended) {
      const { code, why, again } = endings[ended];
      this.#count({ failures: 1 });
      throw hostError(code, `The plugin ${why} and was ended.`, { again, log: exit.stderr });
    }
    if (exit.error !== undefined) {
      this.#count({ failures: 1 });
      throw hostError("plugin.failed", `The plugin could not be started: ${exit.error}.`);
    }
    if (exit.code === 0) return { stdout: stdout(), failed: undefined };
    const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
    const last = exit.stderr.trimEnd().split("\n").at(-1)?.slice(0, 400) ?? "";
    const cause = `The plugin ended with ${how}${last ? `: ${last}` : ""}.`;
    return { stdout: stdout(), failed: hostError("plugin.failed", cause, { log: exit.stderr }) };
  }

  #count({ runs = 0, failures = 0, cpuSeconds = 0, peakMemoryBytes = 0 }: Partial<PluginUsage>): void {
    const before = this.#usage;
    this.#usage = {
      runs: before.runs + runs,
      failures: before.failures + failures,
      cpuSeconds: before.cpuSeconds + cpuSeconds,
      peakMemoryBytes: Math.max(before.peakMemoryBytes, peakMemoryBytes),
    };
  }
}

/** Keeps what a program writes up to a bound. */
function readBounded(child: Child, maxBytes: number, over: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    if (bytes > maxBytes) return;
    bytes += chunk.length;
    if (bytes > maxBytes) {
      chunks.length = 0;
      over();
    } else chunks.push(chunk);
  });
  child.stdout.on("error", () => {});
  return () => Buffer.concat(chunks).toString("utf8");
}

import {
  CountedSource,
  type Health,
  type Input,
  type InputDeps,
  type InputLog,
  type InputSink,
  type Text,
  textOf,
} from "@vedette/sdk";
import { type ChildExit, LineStream, startChild, wait } from "@vedette/sdk/input";
import { endOf, programOf } from "./program.ts";
import type { Settings } from "./settings.ts";

/** What one run of the program gave. */
interface Run {
  readonly output: Buffer;
  readonly exit: ChildExit;
  readonly milliseconds: number;
  /** Why it was ended before its own end. */
  readonly ended?: "timeout" | "output_limit";
}

/** Runs a program on an interval. A run's output is held, at most `maxOutputBytes`, until its exit code is known. */
export class IntervalInput implements Input {
  readonly #settings: Settings;
  readonly #deps: InputDeps;
  readonly #source: CountedSource;
  #health: Health = { status: "healthy", message: "The program has not run yet." };

  constructor(settings: Settings, deps: InputDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#source = new CountedSource(deps, "output", deps.dataType);
  }

  async run(sink: InputSink): Promise<void> {
    const { signal, clock } = this.#deps;
    while (!signal.aborted) {
      const began = clock.now();
      const run = await this.#once();
      if (signal.aborted && run.output.length === 0) return;
      this.#judge(run);
      await this.#emit(sink, run);
      await wait(Math.max(0, began + this.#settings.everySeconds * 1_000 - clock.now()), signal);
    }
  }

  durable(): void {}

  #push(sink: InputSink, { raw, flaw, kind }: Text, facts: InputLog["facts"]): void | Promise<void> {
    if (kind !== undefined) this.#deps.flawed(kind);
    return sink.push(this.#source.log(raw, this.#deps.dataSource, facts, flaw));
  }

  health(): Health {
    return this.#health;
  }

  async #once(): Promise<Run> {
    const { signal, log } = this.#deps;
    const { maxOutputBytes, timeoutSeconds } = this.#settings;
    const began = performance.now();
    const child = startChild(programOf(this.#settings, this.#deps), log);
    let ended: Run["ended"];
    const end = (why: Run["ended"]) => (): void => {
      ended ??= why;
      child.stop();
    };
    const timer = setTimeout(end("timeout"), timeoutSeconds * 1_000);
    const aborted = (): void => child.stop(500);
    signal.addEventListener("abort", aborted, { once: true });
    if (signal.aborted) aborted();
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      const room = maxOutputBytes - bytes;
      if (room > 0) chunks.push(chunk.subarray(0, room));
      bytes += chunk.length;
      if (bytes > maxOutputBytes) end("output_limit")();
    });
    const exit = await child.exited;
    clearTimeout(timer);
    signal.removeEventListener("abort", aborted);
    const output = Buffer.concat(chunks);
    const milliseconds = Math.round(performance.now() - began);
    return ended === undefined ? { output, exit, milliseconds } : { output, exit, milliseconds, ended };
  }

  #judge({ exit, ended, milliseconds }: Run): void {
    const { log, signal, failed } = this.#deps;
    if (signal.aborted) return;
    if (ended === undefined && exit.error === undefined && exit.code === 0) {
      this.#health = { status: "healthy", message: `The last run took ${milliseconds} ms.` };
      return;
    }
    const reason = ended ?? (exit.error === undefined ? "exit" : "start");
    failed(reason);
    const how = ended === undefined ? endOf(exit) : reasons[ended];
    this.#health = { status: "warning", message: `The last run failed: ${how}.` };
    log.warn(
      { program: this.#settings.command[0], reason, code: exit.code, signal: exit.signal, error: exit.error },
      "A program failed; it is run again at its next turn.",
    );
  }

  async #emit(sink: InputSink, { output, exit, milliseconds, ended }: Run): Promise<void> {
    if (exit.error !== undefined) return;
    const { command, event, maxLineBytes } = this.#settings;
    const facts: Record<string, string> = {
      program: command[0] ?? "",
      durationMs: String(milliseconds),
      ...(exit.code === null ? {} : { exitCode: String(exit.code) }),
      ...(exit.signal === null ? {} : { exitSignal: exit.signal }),
      ...(ended === undefined ? {} : { ended }),
    };
    if (event === "output") {
      await this.#push(sink, textOf(output, maxLineBytes), facts);
      return;
    }
    const lines = new LineStream(maxLineBytes);
    for (const line of lines.take(output)) await this.#push(sink, line, facts);
    const rest = lines.rest();
    if (!rest) return;
    const flaw = ended === "output_limit" ? "The program wrote more than it may in one run." : rest.flaw;
    await this.#push(sink, { ...rest, flaw }, facts);
  }
}

const reasons = {
  timeout: "it took too long and was ended",
  output_limit: "it wrote too much and was ended",
} as const;

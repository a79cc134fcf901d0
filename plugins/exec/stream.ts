import type { Health, Input, InputDeps, InputSink } from "@vedette/sdk";
import { Backoff, type Child, LineStream, startChild, wait } from "@vedette/sdk/input";
import { Emitter } from "./emitter.ts";
import { endOf, programOf } from "./program.ts";
import type { Settings } from "./settings.ts";

/** A program that ran this long is not failing again and again. */
const steadyMs = 60_000;

/** Keeps a program running and reads its stdout line by line; what is not read makes the program wait. */
export class StreamInput implements Input {
  readonly #settings: Settings;
  readonly #deps: InputDeps;
  readonly #emitter: Emitter;
  readonly #facts: Readonly<Record<string, string>>;
  #health: Health = { status: "warning", message: "The program is not running yet." };

  constructor(settings: Settings, deps: InputDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#emitter = new Emitter(deps);
    this.#facts = { program: settings.command[0] ?? "" };
  }

  async run(sink: InputSink): Promise<void> {
    const { signal, clock } = this.#deps;
    const { restartSeconds, maxRestartSeconds } = this.#settings;
    const backoff = new Backoff(restartSeconds * 1_000, maxRestartSeconds * 1_000);
    while (!signal.aborted) {
      const began = clock.now();
      await this.#once(sink);
      if (signal.aborted) return;
      if (clock.now() - began >= steadyMs) backoff.reset();
      await wait(backoff.next(), signal);
    }
  }

  durable(): void {}

  health(): Health {
    return this.#health;
  }

  async #once(sink: InputSink): Promise<void> {
    const { signal, log, failed } = this.#deps;
    const child = startChild(programOf(this.#settings, this.#deps), log);
    const stop = (): void => child.stop(500);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    this.#health = { status: "healthy", message: "The program is running." };
    try {
      await this.#read(child, sink);
    } finally {
      child.stop();
      signal.removeEventListener("abort", stop);
    }
    const exit = await child.exited;
    if (signal.aborted) return;
    failed(exit.error === undefined ? "exit" : "start");
    this.#health = { status: "warning", message: `The program ended (${endOf(exit)}); it is started again.` };
    log.warn(
      {
        program: this.#settings.command[0],
        code: exit.code,
        signal: exit.signal,
        error: exit.error,
        stderr: exit.stderr,
      },
      "A program that should keep running has ended; it is started again.",
    );
  }

  async #read({ stdout }: Child, sink: InputSink): Promise<void> {
    const lines = new LineStream(this.#settings.maxLineBytes);
    try {
      for await (const chunk of stdout) {
        for (const line of lines.take(chunk as Buffer)) {
          const full = this.#emitter.push(sink, line, this.#facts);
          if (full) await full;
        }
      }
    } catch (error) {
      // A stream that is destroyed while it is read ends with an error; what was read is complete.
      this.#deps.log.debug({ error }, "The output of a program ended suddenly.");
    }
    const rest = lines.rest();
    if (rest) await this.#emitter.push(sink, rest, this.#facts);
  }
}

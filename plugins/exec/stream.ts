import {
  CountedSource,
  type Health,
  type Input,
  type InputDeps,
  type InputSink,
  type Text,
} from "@vedette/sdk";
import { type ChildExit, keepRunning, LineStream } from "@vedette/sdk/input";
import { endOf, programOf } from "./program.ts";
import type { Settings } from "./settings.ts";

/** Keeps a program running and reads its stdout line by line; what is not read makes the program wait. */
export class StreamInput implements Input {
  readonly #settings: Settings;
  readonly #deps: InputDeps;
  readonly #source: CountedSource;
  readonly #facts: Readonly<Record<string, string>>;
  #health: Health = { status: "warning", message: "The program is not running yet." };

  constructor(settings: Settings, deps: InputDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#source = new CountedSource(deps, "output", deps.dataType);
    this.#facts = { program: settings.command[0] ?? "" };
  }

  run(sink: InputSink): Promise<void> {
    const { restartSeconds, maxRestartSeconds, maxLineBytes } = this.#settings;
    let lines = new LineStream(maxLineBytes);
    return keepRunning(
      {
        command: () => programOf(this.#settings, this.#deps),
        take: async (chunk) => {
          for (const line of lines.take(chunk)) {
            const full = this.#push(sink, line);
            if (full) await full;
          }
        },
        rest: () => {
          const rest = lines.rest();
          lines = new LineStream(maxLineBytes);
          return rest && this.#push(sink, rest);
        },
        started: () => {
          this.#health = { status: "healthy", message: "The program is running." };
        },
        ended: (exit) => this.#ended(exit),
        minRestartMs: restartSeconds * 1_000,
        maxRestartMs: maxRestartSeconds * 1_000,
      },
      this.#deps,
    );
  }

  durable(): void {}

  #push(sink: InputSink, { raw, flaw, kind }: Text): void | Promise<void> {
    if (kind !== undefined) this.#deps.flawed(kind);
    return sink.push(this.#source.log(raw, this.#deps.dataSource, this.#facts, flaw));
  }

  health(): Health {
    return this.#health;
  }

  #ended(exit: ChildExit): void {
    const { code, signal, error, stderr } = exit;
    this.#deps.failed(error === undefined ? "exit" : "start");
    this.#health = { status: "warning", message: `The program ended (${endOf(exit)}); it is started again.` };
    this.#deps.log.warn(
      { program: this.#settings.command[0], code, signal, error, stderr },
      "A program that should keep running has ended; it is started again.",
    );
  }
}

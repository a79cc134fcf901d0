import { type Health, type Input, type InputSink, type Logger, messageOf, type Position } from "@vedette/sdk";
import { backoffMs } from "../backoff.ts";
import { pause } from "../pause.ts";

/** An input as its supervisor sees it. */
export interface InputPlan {
  /** What it is known by across restarts. */
  readonly id: string;
  readonly type: string;
  open(signal: AbortSignal): Promise<Input>;
}

export interface SupervisorDeps {
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly failed: (reason: string) => void;
  /** Resolves after everything pushed so far is durable: an input that is opened again starts from its checkpoint. */
  readonly settled: () => Promise<void>;
  /** Time from which a run counts as a success, milliseconds. */
  readonly steadyMs?: number;
}

const steadyMs = 60_000;

/** Keeps one input running: whatever it throws, it is closed and opened again after a while, and the others go on. */
export class SupervisedInput {
  readonly id: string;
  readonly #plan: InputPlan;
  readonly #deps: SupervisorDeps;
  #input: Input | undefined;
  #failures = 0;
  #failure: string | undefined;

  constructor(plan: InputPlan, deps: SupervisorDeps) {
    this.id = plan.id;
    this.#plan = plan;
    this.#deps = deps;
  }

  /** Runs until the signal aborts. Never rejects. Leaves the last input open for `close`. */
  async run(sink: InputSink): Promise<void> {
    const { signal, settled } = this.#deps;
    while (!signal.aborted) {
      const begun = performance.now();
      const failure = await this.#once(sink);
      if (signal.aborted) return;
      if (performance.now() - begun >= (this.#deps.steadyMs ?? steadyMs)) this.#failures = 0;
      await this.close();
      await settled();
      await this.#wait(failure);
    }
  }

  durable(position: Position): void {
    const failed = (error: unknown): void =>
      this.#deps.log.warn({ error, ...this.#name }, "An input could not note that its logs are durable.");
    try {
      void Promise.resolve(this.#input?.durable(position)).catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Ends what `run` left open. Safe to call twice. */
  async close(): Promise<void> {
    const input = this.#input;
    this.#input = undefined;
    await input?.close?.().catch((error: unknown) => {
      this.#deps.log.warn({ error, ...this.#name }, "An input did not close cleanly.");
    });
  }

  /** True while it waits to be opened again. */
  get failing(): boolean {
    return this.#failure !== undefined;
  }

  health(): Health {
    if (this.#failure !== undefined) {
      const message = `Input ${this.#plan.type} (${this.id}) failed and is tried again: ${this.#failure}`;
      return { status: "warning", message };
    }
    return this.#input?.health?.() ?? { status: "healthy", message: "Reading." };
  }

  async #once(sink: InputSink): Promise<unknown> {
    const { signal } = this.#deps;
    try {
      const input = await this.#plan.open(signal);
      this.#input = input;
      this.#failure = undefined;
      await input.run(sink);
      return new Error("It ended by itself.");
    } catch (error) {
      return error;
    }
  }

  async #wait(error: unknown): Promise<void> {
    const { log, signal, failed } = this.#deps;
    this.#failure = messageOf(error);
    const afterMs = backoffMs(this.#failures++);
    failed("input_failed");
    log.error(
      { error, ...this.#name, retryInMs: Math.round(afterMs) },
      "An input failed and will be opened again; the others go on.",
    );
    await pause(afterMs, signal);
  }

  get #name(): { readonly input: string; readonly type: string } {
    return { input: this.id, type: this.#plan.type };
  }
}

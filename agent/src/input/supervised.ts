import { type Health, type Input, type InputSink, type Logger, messageOf, type Position } from "@vedette/sdk";
import { backoffMs } from "../backoff.ts";
import { pause } from "../pause.ts";

/** An input as its supervisor sees it. */
export interface InputPlan {
  /** What it is known by across restarts. */
  readonly id: string;
  readonly type: string;
  /** The whole of its configuration as text: another text is another input, even under the same id. */
  readonly config: string;
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
  readonly plan: InputPlan;
  readonly #deps: SupervisorDeps;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #input: Input | undefined;
  #running: Promise<void> | undefined;
  #failures = 0;
  #failure: string | undefined;

  constructor(plan: InputPlan, deps: SupervisorDeps) {
    this.plan = plan;
    this.#deps = deps;
    this.#signal = AbortSignal.any([deps.signal, this.#stop.signal]);
  }

  get id(): string {
    return this.plan.id;
  }

  /** Opens it ahead of `run`, so that a change of configuration can be given up where this throws. */
  async open(): Promise<void> {
    this.#input = await this.plan.open(this.#signal);
  }

  /** Runs until the agent or `stop` ends it. Never rejects. Leaves the last input open for `close`. Call once. */
  run(sink: InputSink): Promise<void> {
    this.#running ??= this.#run(sink);
    return this.#running;
  }

  /** Ends this input alone; resolves after it pushed its last log and that is durable. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#deps.settled();
    await this.close();
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
      const message = `Input ${this.plan.type} (${this.id}) failed and is tried again: ${this.#failure}`;
      return { status: "warning", message };
    }
    return this.#input?.health?.() ?? { status: "healthy", message: "Reading." };
  }

  async #run(sink: InputSink): Promise<void> {
    const { settled } = this.#deps;
    while (!this.#signal.aborted) {
      const begun = performance.now();
      const failure = await this.#once(sink);
      if (this.#signal.aborted) return;
      if (performance.now() - begun >= (this.#deps.steadyMs ?? steadyMs)) this.#failures = 0;
      await this.close();
      await settled();
      await this.#wait(failure);
    }
  }

  async #once(sink: InputSink): Promise<unknown> {
    try {
      this.#input ??= await this.plan.open(this.#signal);
      this.#failure = undefined;
      await this.#input.run(sink);
      return new Error("It ended by itself.");
    } catch (error) {
      return error;
    }
  }

  async #wait(error: unknown): Promise<void> {
    const { log, failed } = this.#deps;
    this.#failure = messageOf(error);
    const afterMs = backoffMs(this.#failures++);
    failed("input_failed");
    log.error(
      { error, ...this.#name, retryInMs: Math.round(afterMs) },
      "An input failed and will be opened again; the others go on.",
    );
    await pause(afterMs, this.#signal);
  }

  get #name(): { readonly input: string; readonly type: string } {
    return { input: this.id, type: this.plan.type };
  }
}

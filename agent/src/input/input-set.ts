import type { Health, InputSink, Position } from "@vedette/sdk";
import type { SupervisedInput } from "./supervised.ts";

/** All inputs of an agent. */
export class InputSet {
  readonly #inputs: readonly SupervisedInput[];
  readonly #byId: ReadonlyMap<string, SupervisedInput>;

  constructor(inputs: readonly SupervisedInput[]) {
    this.#inputs = inputs;
    this.#byId = new Map(inputs.map((input) => [input.id, input]));
  }

  /** Runs all until their signals abort. Never rejects. */
  async run(sink: InputSink): Promise<void> {
    await Promise.all(this.#inputs.map((input) => input.run(sink)));
  }

  /** Tells the input that owns the source; sources of files carry no input's name, and nobody waits for them. */
  durable(position: Position): void {
    const slash = position.source.indexOf("/");
    if (slash > 0) this.#byId.get(position.source.slice(0, slash))?.durable(position);
  }

  /** The worst there is. An agent all of whose inputs fail does nothing; one of several is a warning. */
  health(): Health | undefined {
    const bad = this.#inputs.map((input) => input.health()).filter(({ status }) => status !== "healthy");
    const [first] = bad;
    if (!first) return undefined;
    const failing = this.#inputs.filter((input) => input.failing).length;
    const more = bad.length > 1 ? ` ${bad.length - 1} more inputs have something to say.` : "";
    const message = `${first.message}${more}`;
    if (failing === this.#inputs.length) return { status: "error", message };
    return bad.find(({ status }) => status === "error") ?? { status: first.status, message };
  }

  /** Each input with its health, in the order of the configuration. */
  report(): { readonly name: string; readonly health: Health }[] {
    return this.#inputs.map((input) => ({ name: input.id, health: input.health() }));
  }

  /** Lets all of them answer whoever still waits. Call after what they pushed is durable. */
  async close(): Promise<void> {
    await Promise.all(this.#inputs.map((input) => input.close()));
  }
}

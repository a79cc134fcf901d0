import type { Health, InputSink, Position } from "@vedette/sdk";
import { type InputPlan, SupervisedInput, type SupervisorDeps } from "./supervised.ts";

/** What a change of inputs did, by their ids. */
export interface InputChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** All inputs of an agent, which may come and go while it runs. */
export class InputSet {
  readonly #deps: SupervisorDeps;
  #byId: ReadonlyMap<string, SupervisedInput>;

  constructor(plans: readonly InputPlan[], deps: SupervisorDeps) {
    this.#deps = deps;
    this.#byId = byId(plans.map((plan) => new SupervisedInput(plan, deps)));
  }

  /** Runs all until the agent's signal aborts. Never rejects. */
  async run(sink: InputSink): Promise<void> {
    const { signal } = this.#deps;
    for (const input of this.#byId.values()) void input.run(sink);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.all([...this.#byId.values()].map((input) => input.run(sink)));
  }

  /**
   * Brings the inputs to what the plans say; those whose configuration stayed the same are not touched. Old ones end
   * first, with everything they read on disk; then the new ones are opened; then `ready` is called, and they run.
   * Throws what the opening of a new one threw; the old ones then run again as before.
   */
  async change(plans: readonly InputPlan[], sink: InputSink, ready: () => void): Promise<InputChanges> {
    const wanted = new Map(plans.map((plan) => [plan.id, plan]));
    const before = [...this.#byId.values()];
    const ending = before.filter(({ plan }) => wanted.get(plan.id)?.config !== plan.config);
    const staying = new Set(before.filter((input) => !ending.includes(input)).map(({ id }) => id));
    await Promise.all(ending.map((input) => input.stop()));
    const opened: SupervisedInput[] = [];
    try {
      for (const plan of plans) {
        if (staying.has(plan.id)) continue;
        const input = new SupervisedInput(plan, this.#deps);
        await input.open();
        opened.push(input);
      }
    } catch (error) {
      await Promise.all(opened.map((input) => input.close()));
      this.#start(
        before.map((input) => (ending.includes(input) ? this.#again(input) : input)),
        sink,
      );
      throw error;
    }
    ready();
    this.#start([...before.filter(({ id }) => staying.has(id)), ...opened], sink);
    const known = new Set(before.map(({ id }) => id));
    return {
      added: opened.map(({ id }) => id).filter((id) => !known.has(id)),
      changed: opened.map(({ id }) => id).filter((id) => known.has(id)),
      removed: ending.map(({ id }) => id).filter((id) => !wanted.has(id)),
    };
  }

  /** Tells the input that owns the source; sources of files carry no input's name, and nobody waits for them. */
  durable(position: Position): void {
    const slash = position.source.indexOf("/");
    if (slash > 0) this.#byId.get(position.source.slice(0, slash))?.durable(position);
  }

  /** The worst there is. An agent all of whose inputs fail does nothing; one of several is a warning. */
  health(): Health | undefined {
    const inputs = [...this.#byId.values()];
    const bad = inputs.map((input) => input.health()).filter(({ status }) => status !== "healthy");
    const [first] = bad;
    if (!first) return undefined;
    const failing = inputs.filter((input) => input.failing).length;
    const more = bad.length > 1 ? ` ${bad.length - 1} more inputs have something to say.` : "";
    const message = `${first.message}${more}`;
    if (failing === inputs.length) return { status: "error", message };
    return bad.find(({ status }) => status === "error") ?? { status: first.status, message };
  }

  /** Each input with its health, in the order of the configuration. */
  report(): { readonly name: string; readonly health: Health }[] {
    return [...this.#byId.values()].map((input) => ({ name: input.id, health: input.health() }));
  }

  /** Lets all of them answer whoever still waits. Call after what they pushed is durable. */
  async close(): Promise<void> {
    await Promise.all([...this.#byId.values()].map((input) => input.close()));
  }

  #start(inputs: readonly SupervisedInput[], sink: InputSink): void {
    this.#byId = byId(inputs);
    for (const input of inputs) void input.run(sink);
  }

  #again({ plan }: SupervisedInput): SupervisedInput {
    return new SupervisedInput(plan, this.#deps);
  }
}

const byId = (inputs: readonly SupervisedInput[]): ReadonlyMap<string, SupervisedInput> =>
  new Map(inputs.map((input) => [input.id, input]));

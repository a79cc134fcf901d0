import type { PipelineSet } from "@vedette/core/pipeline";
import type { Logger } from "@vedette/sdk";
import type { Batcher } from "./batcher.ts";
import { type AgentConfig, addressOf, carrierOf } from "./config/index.ts";
import type { Governor } from "./governor.ts";
import type { InputPlan, InputSet } from "./input/index.ts";
import type { Shipping, Transport } from "./transport/index.ts";

export interface ReloadReport {
  /** A sentence for each thing that changed; empty when nothing did. */
  readonly changes: readonly string[];
}

/** What a running agent lets be changed. */
export interface Reloadable {
  readonly inputs: InputSet;
  readonly batcher: Batcher;
  readonly governor: Governor;
  readonly shipping: Shipping;
  plans(config: AgentConfig): readonly InputPlan[];
  transport(config: AgentConfig): Transport;
  /** Loads the pipelines of a configuration. Throws ConfigError. */
  pipelines(config: AgentConfig): PipelineSet;
  readonly log: Logger;
}

/** Sections that are read once, when an agent starts. */
const fixed = [
  "agentId",
  "stateDir",
  "spool",
  "http",
  "respond",
  "socketPlugins",
  "pluginFolders",
  "isolation",
  "log",
] as const satisfies readonly (keyof AgentConfig)[];

/** Takes over changed configurations, one after the other. */
export class Reloader {
  readonly #parts: Reloadable;
  #config: AgentConfig;
  #last: Promise<unknown> = Promise.resolve();

  constructor(config: AgentConfig, parts: Reloadable) {
    this.#config = config;
    this.#parts = parts;
  }

  /**
   * Changes what differs and leaves the rest alone. Pipelines are compiled and new inputs opened before anything is
   * given up, so that where this throws (`ConfigError`, `config.invalid`, what an input could not open) the agent
   * works as before. No line is lost or doubled either way.
   */
  reload(next: AgentConfig): Promise<ReloadReport> {
    const turn = this.#last.then(() => this.#change(next));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #change(next: AgentConfig): Promise<ReloadReport> {
    const { inputs, batcher, governor, shipping, log } = this.#parts;
    const before = this.#config;
    const pipelines = this.#parts.pipelines(next);
    const carrier = carrierOf(next);
    const transport = differs(carrierOf(before), carrier) ? this.#parts.transport(next) : undefined;
    const changes: string[] = [];
    const { added, changed, removed } = await inputs.change(this.#parts.plans(next), batcher, () =>
      // Always: a pipeline may read files, such as tables, that no comparison of configurations shows.
      batcher.change(pipelines, next.batch),
    );
    for (const id of added) changes.push(`Input ${id} is new and open.`);
    for (const id of changed) changes.push(`Input ${id} goes on with its changed settings.`);
    for (const id of removed) changes.push(`Input ${id} is closed; what it had read is on disk.`);
    if (differs([before.pipelines, before.builtinPipelines], [next.pipelines, next.builtinPipelines]))
      changes.push("Other pipelines are in use.");
    if (differs(before.batch, next.batch)) changes.push("Batches have other limits from now on.");
    if (differs(before.limits, next.limits)) {
      governor.change(next.limits);
      changes.push("Other limits of CPU time and memory are in force.");
    }
    if (transport) {
      shipping.replace(transport);
      changes.push(`Batches go to ${addressOf(carrier)} from now on.`);
    }
    for (const key of fixed)
      if (differs(before[key], next[key])) changes.push(`agent.${key} takes effect with the next start.`);
    this.#config = next;
    log.info({ changes }, "The configuration was read again.");
    return { changes };
  }
}

const differs = (left: unknown, right: unknown): boolean => JSON.stringify(left) !== JSON.stringify(right);

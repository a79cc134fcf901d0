import { randomUUID } from "node:crypto";
import {
  type AnyPlugin,
  type Deps,
  type EmittedEvent,
  isVedetteError,
  messageOf,
  type TargetType,
} from "@vedette/sdk";
import type { StepEvent, StepStart } from "../run/envelope.ts";
import { hostError, presetWords } from "../run/failure.ts";
import { HostedPlugin } from "../run/hosted.ts";
import type { CallOptions, IconTransport } from "../run/transport.ts";
import { ConnectionCache } from "./connection-cache.ts";
import { type OwnCall, ownCall } from "./own-context.ts";
import { actionId, lookupAction, ownSpec } from "./own-spec.ts";

/** Connections that are held open of one plugin. */
const maxConnections = 100;
const deadline = 120_000;

export interface OwnOptions {
  /**
   * Serves critical actions too, such as a ban. Here nothing of the collector stands before them: no list of what must
   * never be touched, no limit of how many, no approval, no dry run.
   */
  readonly dangerouslyServeCriticalActions: boolean;
}

/** A plugin of ours behind the messages of this ecosystem: its settings are the connection, its capabilities the components. */
export function ownPlugin(plugin: AnyPlugin, deps: Deps, options: OwnOptions) {
  const { text, spec } = ownSpec(plugin, options.dangerouslyServeCriticalActions);
  const transport = new OwnTransport(plugin, deps);
  return { plugin: new HostedPlugin(spec, transport), specText: text, close: () => transport.close() };
}

interface Opened {
  readonly settings: unknown;
  readonly enricher: Awaited<ReturnType<NonNullable<AnyPlugin["enrich"]>["open"]>> | undefined;
}

class OwnTransport implements IconTransport {
  readonly #plugin: AnyPlugin;
  readonly #deps: Deps;
  readonly #connections: ConnectionCache<Opened>;

  constructor(plugin: AnyPlugin, deps: Deps) {
    this.#plugin = plugin;
    this.#deps = deps;
    this.#connections = new ConnectionCache<Opened>(
      maxConnections,
      (parameters) => this.#open(parameters),
      async ({ enricher }) => enricher?.close?.(),
    );
  }

  run(start: StepStart, options: CallOptions): Promise<StepEvent> {
    return this.#step(start, options, (opened, call) => this.#run(start, opened, call));
  }

  test(start: StepStart, options: CallOptions): Promise<StepEvent> {
    return this.#step(start, options, async ({ enricher }, { context }) => {
      const health = (await this.#plugin.health?.(context)) ?? enricher?.health?.();
      if (health?.status === "error") throw new Error(health.message);
      return { success: true, message: health?.message ?? "The settings fit." };
    });
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #open(parameters: StepStart["connection"]): Promise<Opened> {
    const { connection_cache_key: _key, ...settings } = parameters;
    const read = this.#plugin.settings.safeParse(settings);
    if (!read.success) {
      const faults = read.error.issues.map(({ path, message }) => `${path.join(".") || "It"}: ${message}.`);
      throw hostError("plugin.bad_input", `The connection does not fit: ${faults.join(" ")}`);
    }
    return { settings: read.data, enricher: await this.#plugin.enrich?.open(read.data, this.#deps) };
  }

  async #step(
    start: StepStart,
    { signal, deadlineMs = deadline }: CallOptions,
    work: (opened: Opened, call: OwnCall) => Promise<unknown>,
  ): Promise<StepEvent> {
    const { kind, meta = {} } = start;
    const opened = await this.#connections.get(start.connection);
    const over = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    const call = ownCall(opened.settings, start.state ?? {}, this.#deps, over);
    const base = { kind, meta, hasMorePages: false, statusCode: undefined, state: undefined };
    try {
      const output = await Promise.race([work(opened, call), aborted(over, signal)]);
      const state =
        kind === "task" ? { state: call.state(), hasMorePages: call.more(), statusCode: 200 } : {};
      return { ...base, ok: true, log: call.log(), output, error: undefined, exception: undefined, ...state };
    } catch (error) {
      if (isVedetteError(error) && error.code.startsWith("plugin.")) throw error;
      const { assistance } = presetWords("UNKNOWN");
      const exception = { cause: messageOf(error), assistance, data: "" };
      return { ...base, ok: false, log: call.log(), output: undefined, error: messageOf(error), exception };
    }
  }

  async #run({ kind, id, input }: StepStart, { enricher }: Opened, call: OwnCall): Promise<unknown> {
    if (kind === "task") {
      const given: Iterable<EmittedEvent> | AsyncIterable<EmittedEvent> =
        (await this.#plugin.collect?.collect(call.context)) ?? [];
      for await (const event of given) await call.context.emit(event);
      return call.emitted;
    }
    const definition = this.#plugin.action?.actions.find(({ name }) => actionId(name) === id);
    if (!definition || !this.#plugin.action) {
      const facts = id === lookupAction ? enricher?.lookup(String(input["value"])) : undefined;
      return { found: facts !== undefined, facts: facts ?? {} };
    }
    const { target, target_type: type, reason = "" } = input;
    const request = {
      id: randomUUID(),
      action: definition.name,
      target: { type: String(type) as TargetType, value: String(target) },
      parameters: Object.fromEntries(
        (definition.parameters ?? []).map(({ name, default: given }) => [name, String(input[name] ?? given)]),
      ),
      reason: String(reason),
    };
    await this.#plugin.action.validate?.(request, call.context);
    return this.#plugin.action.execute(request, call.context);
  }
}

/** Rejects when a step is over. What it still does then is its own; JavaScript cannot be stopped from outside. */
function aborted(over: AbortSignal, stopped: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => {
      const why = stopped.aborted ? "The step was stopped." : "The step took longer than it may.";
      reject(hostError(stopped.aborted ? "plugin.failed" : "plugin.timed_out", why, { again: true }));
    };
    if (over.aborted) end();
    else over.addEventListener("abort", end, { once: true });
  });
}

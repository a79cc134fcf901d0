import {
  createEgress,
  type Deps,
  type EmittedEvent,
  type Logger,
  type PluginContext,
  VedetteError,
} from "@vedette/sdk";
import type { JsonMap } from "../run/envelope.ts";
import { hostError } from "../run/failure.ts";

/** A call of a plugin of ours, and what it left behind. */
export interface OwnCall {
  readonly context: PluginContext<unknown>;
  readonly emitted: EmittedEvent[];
  /** Its state as the cursor of a task. */
  state(): JsonMap;
  more(): boolean;
  log(): string;
}

/** Events and lines of one call that are kept. */
const most = { events: 10_000, lines: 1_000 };

/** What a plugin's hook works with here: its state is the task's cursor, and what it emits is the step's output. */
export function ownCall(settings: unknown, saved: JsonMap, deps: Deps, signal: AbortSignal): OwnCall {
  const state = new Map(Object.entries(saved));
  const emitted: EmittedEvent[] = [];
  const lines: string[] = [];
  let more = false;
  const context: PluginContext<unknown> = {
    ...deps,
    signal,
    settings,
    log: recording(deps.log, lines),
    state: {
      get: async <Value>(key: string) => structuredClone(state.get(key)) as Value | undefined,
      set: async (key, value) => void state.set(key, structuredClone(value)),
      delete: async (key) => void state.delete(key),
    },
    emit: async (...events) => {
      if (emitted.length + events.length > most.events)
        throw hostError("plugin.bad_output", `One call gives at most ${most.events} events.`);
      emitted.push(...events);
    },
    backlog: (left) => {
      more = left.more;
    },
    exportAsset: async () => {},
    assets: { list: async () => [], released: async () => {} },
    egress: createEgress({ allow: [] }),
    // Named connections are a collector's; here the orchestrator gives what it knows as settings.
    connection: async (_, name) => {
      throw new VedetteError("connection.unknown", `There is no connection "${name}" outside a collector.`, {
        verdict: "drop",
      });
    },
  };
  return {
    context,
    emitted,
    state: () => Object.fromEntries(state),
    more: () => more,
    log: () => lines.join(""),
  };
}

function recording(log: Logger, lines: string[]): Logger {
  const at = (level: keyof Logger) => (fields: object, message: string) => {
    if (lines.length < most.lines && level !== "debug") lines.push(`${message}\n`);
    log[level](fields, message);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

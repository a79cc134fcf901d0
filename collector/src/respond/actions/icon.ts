import type { HostedPlugin } from "@vedette/core/plugins/icon";
import { type AnyConnectionType, isVedetteError, messageOf } from "@vedette/sdk";
import type { ConnectionLease } from "../../connections/index.ts";
import { type ActionCall, ActionFailure, type ActionInput, type ActionRunner } from "./runner.ts";

/** An InsightConnect plugin whose actions workflows may call. */
export interface HostedActions {
  readonly plugin: HostedPlugin;
  /** Settings of its connections by name; one that is named `default` is taken where a step names none. */
  readonly connections: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Kind of its connections that people make; they are asked for names that are not in `connections`. */
  readonly kind: AnyConnectionType | undefined;
}

/** Opens connections that people made. */
export type LeaseConnections = (by: string) => ConnectionLease;

/** Actions of InsightConnect plugins, `plugin/action`. None of them says that it may be repeated, so none is. */
export function iconRunner(hosted: readonly HostedActions[], lease?: LeaseConnections): ActionRunner {
  const found = (action: string): [HostedActions, string] | undefined => {
    const [name = "", id = ""] = action.split("/");
    const one = hosted.find(({ plugin: { spec } }) => spec.name === name && spec.actions.has(id));
    return one && [one, id];
  };
  return {
    find: (name) => (found(name) ? { name, critical: false, idempotent: () => false } : undefined),
    names: () =>
      hosted.flatMap(({ plugin: { spec } }) => [...spec.actions.keys()].map((id) => `${spec.name}/${id}`)),
    run: async (call) => {
      const [one, id] = found(call.action)!;
      return runHosted(one, id, call, lease?.(`${one.plugin.spec.name} (a workflow)`));
    },
  };
}

async function runHosted(
  hosted: HostedActions,
  id: string,
  { connection, input, signal }: ActionCall,
  lease: ConnectionLease | undefined,
): Promise<ActionInput> {
  try {
    const settings = await settingsOf(hosted, connection, lease);
    const { output } = await hosted.plugin.run(
      { kind: "action", id, input, connection: settings },
      { signal },
    );
    return output as ActionInput;
  } catch (error) {
    throw error instanceof ActionFailure ? error : failureOf(error);
  } finally {
    lease?.release();
  }
}

type Settings = Readonly<Record<string, unknown>>;

/** Of the connection that a step names: of the configuration, else one that people made. */
async function settingsOf(
  { plugin, connections, kind }: HostedActions,
  connection: string | undefined,
  lease: ConnectionLease | undefined,
): Promise<Settings> {
  const named = connection ?? "default";
  if (Object.hasOwn(connections, named)) return connections[named] ?? {};
  if (connection === undefined) return {};
  if (kind && lease) return (await lease.connection(kind, connection)) as Settings;
  throw new ActionFailure(`The plugin ${plugin.spec.name} has no connection ${JSON.stringify(connection)}.`);
}

/** What came before the plugin ran, or what it said itself, changed nothing; an end in between may have. */
function failureOf(error: unknown): ActionFailure {
  if (!isVedetteError(error)) return new ActionFailure(messageOf(error), { fate: "unknown", cause: error });
  const { verdict } = error;
  const again = verdict.verdict === "retry";
  const told = ["plugin.bad_input", "plugin.failed", "connection.unknown", "connection.failed"].includes(
    error.code,
  );
  return new ActionFailure(error.message, {
    again,
    afterMs: again ? verdict.afterMs : undefined,
    fate: told ? "notDone" : "unknown",
    cause: error,
  });
}

import type { HostedPlugin } from "@vedette/core/plugins/icon";
import { isVedetteError, messageOf } from "@vedette/sdk";
import { type ActionCall, ActionFailure, type ActionInput, type ActionRunner } from "./runner.ts";

/** An InsightConnect plugin whose actions workflows may call. */
export interface HostedActions {
  readonly plugin: HostedPlugin;
  /** Settings of its connections by name; one that is named `default` is taken where a step names none. */
  readonly connections: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Actions of InsightConnect plugins, `plugin/action`. None of them says that it may be repeated, so none is. */
export function iconRunner(hosted: readonly HostedActions[]): ActionRunner {
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
      return runHosted(one, id, call);
    },
  };
}

async function runHosted(
  { plugin, connections }: HostedActions,
  id: string,
  { connection, input, signal }: ActionCall,
): Promise<ActionInput> {
  const named = connection ?? "default";
  const settings = Object.hasOwn(connections, named) ? connections[named] : undefined;
  if (connection !== undefined && !settings)
    throw new ActionFailure(
      `The plugin ${plugin.spec.name} has no connection ${JSON.stringify(connection)}.`,
    );
  try {
    const { output } = await plugin.run(
      { kind: "action", id, input, connection: settings ?? {} },
      { signal },
    );
    return output as ActionInput;
  } catch (error) {
    throw failureOf(error);
  }
}

/** What came before the plugin ran, or what it said itself, changed nothing; an end in between may have. */
function failureOf(error: unknown): ActionFailure {
  if (!isVedetteError(error)) return new ActionFailure(messageOf(error), { fate: "unknown", cause: error });
  const { verdict } = error;
  const again = verdict.verdict === "retry";
  const told = error.code === "plugin.bad_input" || error.code === "plugin.failed";
  return new ActionFailure(error.message, {
    again,
    afterMs: again ? verdict.afterMs : undefined,
    fate: told ? "notDone" : "unknown",
    cause: error,
  });
}

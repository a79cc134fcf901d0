import { type ActionResult, type Clock, VedetteError } from "@vedette/sdk";
import type { GuardedIconAction } from "../../../config/index.ts";
import type { Value } from "../../expression/index.ts";
import { type HostedActions, iconRunner, type LeaseConnections } from "../icon.ts";
import { ActionFailure, type ActionInput } from "../runner.ts";
import type { Action } from "./registry.ts";

/** Inputs of one call by name. */
type Inputs = Readonly<Record<string, unknown>>;

/**
 * Actions of InsightConnect plugins that the configuration says are critical: from then on guards hold for them. Throws
 * `config.invalid` where a plugin has no such action.
 */
export function guardedIconActions(
  hosted: readonly HostedActions[],
  told: ReadonlyMap<HostedActions, Readonly<Record<string, GuardedIconAction>>>,
  lease: LeaseConnections,
  clock: Clock,
): Action[] {
  const runner = iconRunner(hosted, lease);
  const call = async (name: string, key: string, input: Inputs, given: GuardedIconAction, reason: string) => {
    const deadline = AbortSignal.timeout(given.deadlineSeconds * 1_000);
    const common = { job: "", target: undefined, connection: given.connection, reason, signal: deadline };
    try {
      return await runner.run({ action: name, key, input: input as ActionInput, ...common });
    } catch (error) {
      throw meaningOf(error);
    }
  };
  return hosted.flatMap((each) =>
    Object.entries(told.get(each) ?? {}).map(([id, given]) => guarded(each, id, { given, call, clock })),
  );
}

type Call = (
  name: string,
  key: string,
  input: Inputs,
  given: GuardedIconAction,
  reason: string,
) => Promise<Value>;

function guarded(
  { plugin: { spec } }: HostedActions,
  id: string,
  { given, call, clock }: { readonly given: GuardedIconAction; readonly call: Call; readonly clock: Clock },
): Action {
  const { undo, ttlInput } = given;
  for (const each of [id, ...(undo ? [undo.action] : [])])
    if (!spec.actions.has(each))
      throw new VedetteError(
        "config.invalid",
        `collector.respond.plugins: the plugin ${spec.name} has no action ${JSON.stringify(each)}; it has ${[...spec.actions.keys()].join(", ")}.`,
        { verdict: "stop" },
      );
  const title = spec.actions.get(id)!.title;
  const texts = { [id]: title || id };
  return {
    ...{
      id: `${spec.name}/${id}`,
      source: "icon",
      texts: { en: texts, de: texts },
      absence: () => undefined,
    },
    definition: {
      ...{ name: id, targets: given.targets, critical: true, containment: undo !== undefined },
      ...{ idempotent: given.idempotent, deadlineSeconds: given.deadlineSeconds },
    },
    validate: async () => undefined,
    execute: async ({ id: run, target, reason, expiresAt }): Promise<ActionResult> => {
      const left = expiresAt === undefined ? 0 : Math.max(1, Math.ceil((expiresAt - clock.now()) / 1_000));
      const input = {
        ...{ ...given.input, [given.targetInput]: target.value },
        ...(ttlInput !== undefined && left > 0 ? { [ttlInput]: left } : {}),
      };
      await call(`${spec.name}/${id}`, run, input, given, reason);
      return { message: `${spec.name}/${id} was called for ${target.value}.` };
    },
    undo:
      undo &&
      (async ({ id: run, target, reason }) => {
        const input = { ...undo.input, [undo.targetInput ?? given.targetInput]: target.value };
        await call(`${spec.name}/${undo.action}`, `${run}/undo`, input, given, reason);
        return { message: `${spec.name}/${undo.action} was called for ${target.value}.` };
      }),
    list: undefined,
  };
}

/** What a failed call means, in the codes of actions. */
function meaningOf(error: unknown): unknown {
  if (!(error instanceof ActionFailure) || error.fate === "unknown") return error;
  const { message, again, afterMs } = error;
  return again
    ? new VedetteError(
        "action.unavailable",
        message,
        { verdict: "retry", ...(afterMs !== undefined && { afterMs }) },
        { cause: error },
      )
    : new VedetteError("action.refused", message, { verdict: "drop" }, { cause: error });
}

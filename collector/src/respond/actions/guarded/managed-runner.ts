import { isVedetteError, type TargetType, targetTypes } from "@vedette/sdk";
import { type ActionCall, ActionFailure, type ActionInput, type ActionRunner } from "../runner.ts";
import type { Actions } from "./actions.ts";
import type { Run } from "./types.ts";

/** Keys of a step's input that are not parameters of the action. */
const own: ReadonlySet<string> = new Set(["target", "target_type", "reason", "ttlSeconds"]);

/** Lets steps of workflows ask for actions, through all guards. A repeat of a step finds the run that it made. */
export const managedRunner = (actions: Actions): ActionRunner => ({
  find: (name) => {
    const action = actions.registry.find(name);
    // The key of the step is the key of the run, so asking twice does it once.
    return (
      action && {
        name: action.id,
        critical: action.definition.critical,
        guarded: true,
        idempotent: () => true,
      }
    );
  },
  names: () => actions.registry.list().map(({ id }) => id),
  run: (call) => runManaged(actions, call),
});

async function runManaged(actions: Actions, call: ActionCall): Promise<ActionInput> {
  const { input } = call;
  const value = call.target ?? textOf(input["target"]);
  if (value === undefined || value === "") throw new ActionFailure(`${call.action} needs a target.`);
  const type = textOf(input["target_type"]);
  if (type !== undefined && !(targetTypes as readonly string[]).includes(type))
    throw new ActionFailure(`A target_type is one of ${targetTypes.join(", ")}.`);
  const ttl = input["ttlSeconds"];
  const parameters = Object.entries(input)
    .filter(([name]) => !own.has(name))
    .map(([name, each]) => [name, textOf(each) ?? JSON.stringify(each)]);
  let run: Run;
  try {
    const written = await actions.run({
      ...{ action: call.action, target: { type: type as TargetType | undefined, value } },
      ...{ parameters: Object.fromEntries(parameters) as Record<string, string> },
      reason: textOf(input["reason"]) ?? call.reason,
      ttlSeconds: ttl === undefined || ttl === null ? undefined : Number(ttl),
      ...{ key: `job/${call.key}`, batch: `job/${call.job}`, cause: { job: call.job } },
      tenant: call.tenant,
      by: { name: call.reason, id: `workflow/${call.job}`, origin: "workflow", admin: true },
    });
    if (written.refusal && written.refusal.guard !== "standing")
      throw new ActionFailure(written.refusal.why, { again: written.refusal.guard.startsWith("cap_minute") });
    run = await actions.settled(written.run.id, call.signal);
  } catch (error) {
    if (error instanceof ActionFailure) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const known = isVedetteError(error) && error.code.startsWith("action.");
    throw new ActionFailure(message, { fate: known ? "notDone" : "unknown", again: !known, cause: error });
  }
  return outputOf(run);
}

function outputOf(run: Run): ActionInput {
  const { id, state, target, outcome } = run;
  if (state === "failed" || state === "refused" || state === "cancelled" || state === "denied")
    throw new ActionFailure(outcome);
  if (state === "uncertain") throw new ActionFailure(outcome, { fate: "unknown" });
  return {
    ...{ run: id, state, target, message: outcome },
    ...(run.expires_at === null ? {} : { expiresAt: new Date(Number(run.expires_at)).toISOString() }),
    ...(state === "dry" ? { $dryRun: true } : {}),
    ...(state === "approval" ? { $pending: true } : {}),
  };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;

import type { ActionRequest, ActionTarget, TargetType } from "@vedette/sdk";
import type { ControlDatabase } from "../../../control/index.ts";
import type { Run } from "./types.ts";

/** Runs that were begun since then. */
export async function begunWithin(transaction: ControlDatabase, since: number): Promise<number> {
  const { count } = await transaction
    .selectFrom("action_runs")
    .select((each) => each.fn.countAll().as("count"))
    .where("begun_at", ">", since)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** One at work for each target, whatever it does there. */
export const lockOf = ({ target_type, target }: Run): string => JSON.stringify([target_type, target]);

/** Whether another run is at work on the target. The caller holds the turn, so nobody comes in between. */
export async function locked(transaction: ControlDatabase, run: Run): Promise<boolean> {
  const other = await transaction
    .selectFrom("action_runs")
    .select("id")
    .where("lock_key", "=", lockOf(run))
    .where("id", "!=", run.id)
    .executeTakeFirst();
  return other !== undefined;
}

/** The name of its action, as the plugin calls it. */
export const nameOf = ({ action }: Run): string => action.slice(action.indexOf("/") + 1);
export const targetOf = ({ target_type, target }: Run): ActionTarget => ({
  type: target_type as TargetType,
  value: target,
});

/** What the backend is told of a run. */
export const requestOf = (run: Run): ActionRequest => ({
  ...{ id: run.id, action: nameOf(run), target: targetOf(run) },
  ...{ parameters: JSON.parse(run.parameters) as Record<string, string>, attempt: Number(run.attempt) },
  reason: `${run.reason} (${run.actor}, ${run.id})`,
  ...(run.expires_at === null ? {} : { expiresAt: Number(run.expires_at) }),
});

/** What whoever listens is told of a run; `dryRun` says that nothing was done. */
export const runMessage = (run: Run): object => ({
  ...{
    run: run.id,
    action: run.action,
    target: targetOf(run),
    state: run.state,
    dryRun: Number(run.dry) === 1,
  },
  ...{ uncertain: Number(run.uncertain) === 1, reason: run.reason, actor: run.actor, outcome: run.outcome },
  ...(run.expires_at === null ? {} : { expiresAt: new Date(Number(run.expires_at)).toISOString() }),
});

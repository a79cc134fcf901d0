import type { ActionsConfig } from "../../../config/index.ts";
import type { ControlDatabase } from "../../../control/index.ts";
import { killSwitch } from "./kill-switch.ts";
import type { Prepared } from "./prepare.ts";
import type { Protection } from "./protection.ts";
import { openStates, type Refusal } from "./types.ts";

/** What the guards say of an ask. */
export interface Verdict {
  readonly refusal: Refusal | undefined;
  /** Containments of the target that are remembered. */
  readonly repeats: number;
  readonly ttlSeconds: number;
  /** The run that stands or is on its way for the same action and target. */
  readonly standing: string | undefined;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** What may stand or be under way only once. */
export const standingKey = ({ action, target }: Pick<Prepared, "action" | "target">): string =>
  JSON.stringify([action.id, target.type, target.value]);

export interface GuardDeps {
  readonly config: ActionsConfig;
  readonly protection: Protection;
  readonly now: number;
}

/** Asks every guard, in a transaction behind the lock of the audit trail, so that limits hold over all collectors. */
export async function judge(
  transaction: ControlDatabase,
  prepared: Prepared,
  deps: GuardDeps,
): Promise<Verdict> {
  const { config } = deps;
  const { action, target, ask } = prepared;
  const repeats = action.definition.containment ? await repeatsOf(transaction, prepared, deps) : 0;
  const grown = prepared.ttlSeconds * config.ttl.growth ** Math.min(repeats, 100);
  const standing = await transaction
    .selectFrom("action_runs")
    .select("id")
    .where("standing_key", "=", standingKey(prepared))
    .executeTakeFirst();
  const refusal =
    prepared.refusal ??
    (await targetRefusal(transaction, prepared, deps)) ??
    (standing && {
      guard: "standing" as const,
      why: `The run ${standing.id} does this to ${target.value} already.`,
    }) ??
    (ask.by.origin === "person" ? undefined : await cooldown(transaction, prepared, deps)) ??
    (await overCap(transaction, prepared, deps));
  return {
    ...{ refusal, repeats, standing: standing?.id },
    ttlSeconds: Math.min(config.ttl.maxSeconds, Math.round(grown)),
  };
}

/** Whether the target may be touched now. Asked when a run is written, and again right before its backend is called. */
export async function targetRefusal(
  transaction: ControlDatabase,
  { action, target }: Pick<Prepared, "action" | "target">,
  { protection }: Pick<GuardDeps, "protection">,
): Promise<Refusal | undefined> {
  const killed = await killSwitch(transaction);
  if (killed.on)
    return { guard: "kill_switch", why: `The kill switch is on (${killed.by}: ${killed.reason}).` };
  if (!action.definition.critical) return undefined;
  const { never, allow } = await protection.lists(transaction);
  const why = never.refusal(target);
  if (why !== undefined) return { guard: "never_touch", why };
  const trusted = allow.touches(target);
  if (trusted !== undefined) return { guard: "allowed", why: `${target.value} is trusted: ${trusted}.` };
  return undefined;
}

async function repeatsOf(
  transaction: ControlDatabase,
  { action, target }: Prepared,
  { config, now }: GuardDeps,
): Promise<number> {
  const { count } = await transaction
    .selectFrom("action_runs")
    .select((each) => each.fn.countAll().as("count"))
    .where("target", "=", target.value)
    .where("begun_at", ">", now - config.ttl.rememberDays * dayMs)
    .where("action", "=", action.id)
    .where("target_type", "=", target.type)
    .where("state", "in", ["standing", "lifting", "lifted"])
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** A person took it back: rules and workflows do not fight with people. */
async function cooldown(
  transaction: ControlDatabase,
  { target }: Prepared,
  { config, now }: GuardDeps,
): Promise<Refusal | undefined> {
  const found = await transaction
    .selectFrom("action_runs")
    .select(["lift_by", "ended_at"])
    .where("target", "=", target.value)
    .where("target_type", "=", target.type)
    .where("lift_person", "=", 1)
    .where("ended_at", ">", now - config.cooldownMinutes * minuteMs)
    .executeTakeFirst();
  if (!found) return undefined;
  return { guard: "cooldown", why: `${found.lift_by} lifted it from ${target.value} a short time ago.` };
}

async function overCap(
  transaction: ControlDatabase,
  { action, ask, dry }: Prepared,
  { config, now }: GuardDeps,
): Promise<Refusal | undefined> {
  const { perMinute, perRun, active } = config.caps;
  const runs = transaction
    .selectFrom("action_runs")
    .select((each) => each.fn.countAll().as("count"))
    .where("state", "not in", ["refused", "denied", "timed_out", "cancelled"]);
  // Dry runs have the limits of real ones, each kind for itself, so that they show what would happen.
  const count = async (query: typeof runs): Promise<number> =>
    Number((await query.where("dry", "=", dry ? 1 : 0).executeTakeFirstOrThrow()).count);
  if ((await count(runs.where("created_at", ">", now - minuteMs))) >= perMinute)
    return { guard: "cap_minute", why: `No more than ${perMinute} runs are begun in a minute.` };
  if (ask.batch !== undefined && (await count(runs.where("batch", "=", ask.batch))) >= perRun)
    return { guard: "cap_run", why: `One alert or job starts no more than ${perRun} runs.` };
  if (!action.definition.containment) return undefined;
  const open = runs.where("state", "in", openStates).where("containment", "=", 1);
  if ((await count(open)) >= active)
    return { guard: "cap_active", why: `No more than ${active} containments stand at a time.` };
  return undefined;
}

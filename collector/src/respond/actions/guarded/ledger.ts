import { randomUUID } from "node:crypto";
import type { Clock } from "@vedette/sdk";
import type { ActionsConfig } from "../../../config/index.ts";
import {
  type ActionApprovalRow,
  appendAudit,
  type ControlDatabase,
  takeAuditTurn,
} from "../../../control/index.ts";
import { actionEvent } from "./action-event.ts";
import { judge, standingKey, type Verdict } from "./guards.ts";
import type { Prepared } from "./prepare.ts";
import type { Protection } from "./protection.ts";
import { openStates, type Refusal, type Run, type RunState, refused, unknown } from "./types.ts";

export interface LedgerDeps {
  readonly database: ControlDatabase;
  readonly protection: Protection;
  readonly config: ActionsConfig;
  readonly clock: Clock;
}

export interface RunFilter {
  readonly states?: readonly RunState[] | undefined;
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  readonly containment?: boolean | undefined;
  readonly before?: { readonly createdAt: number; readonly id: string } | undefined;
  readonly limit: number;
}

/** What was written for an ask. */
export interface Written {
  readonly run: Run;
  readonly refusal: Refusal | undefined;
  /** False where the same key, or the same action on the same target, had a run already. */
  readonly fresh: boolean;
}

/** Who changes a run, and why. */
export interface Change {
  readonly by: string;
  readonly id: string;
  readonly person: boolean;
  readonly reason: string;
}

/** Reasons that pass. */
const passing: ReadonlySet<Refusal["guard"]> = new Set([
  ...(["cap_minute", "cap_run", "cap_active", "kill_switch", "cooldown", "standing", "unavailable"] as const),
]);

const minuteMs = 60_000;
const lineOf = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").slice(0, 1_000);

/** The runs of actions in the control database. Every change is in the audit trail, in the same transaction. */
export class ActionLedger {
  readonly #deps: LedgerDeps;

  constructor(deps: LedgerDeps) {
    this.#deps = deps;
  }

  /** A transaction behind the lock of the audit trail. */
  async turn<T>(work: (transaction: ControlDatabase, now: number) => Promise<T>): Promise<T> {
    const { database, clock } = this.#deps;
    return database.transaction().execute(async (transaction) => {
      const now = clock.now();
      await takeAuditTurn(transaction, now);
      return work(transaction, now);
    });
  }

  /** What would become of an ask, without writing anything. */
  async judge(prepared: Prepared): Promise<Verdict> {
    await this.#deps.protection.refresh();
    const { database, config, protection, clock } = this.#deps;
    return judge(database, prepared, { config, protection, now: clock.now() });
  }

  /** Asks the guards and writes the run, refused or not, together with its entry in the audit trail. */
  async write(prepared: Prepared): Promise<Written> {
    const { config, protection } = this.#deps;
    await protection.refresh();
    return this.turn(async (transaction, now) => {
      const { ask } = prepared;
      const same =
        ask.key === undefined
          ? undefined
          : await transaction
              .selectFrom("action_runs")
              .selectAll()
              .where("key", "=", ask.key)
              .executeTakeFirst();
      if (same) return { run: same, refusal: undefined, fresh: false };
      const verdict = await judge(transaction, prepared, { config, protection, now });
      const { refusal, standing } = verdict;
      if (refusal?.guard === "standing" && !prepared.dry) {
        const run = await transaction
          .selectFrom("action_runs")
          .selectAll()
          .where("id", "=", standing!)
          .executeTakeFirstOrThrow();
        return { run, refusal, fresh: false };
      }
      const run = rowOf(prepared, verdict, now, config.approvals.timeoutMinutes * minuteMs);
      // What a later alert may find otherwise is not told a thousand times a minute: of rules it is counted only.
      if (refusal && passing.has(refusal.guard) && ask.by.origin === "rule")
        return { run, refusal, fresh: true };
      await transaction.insertInto("action_runs").values(run).execute();
      await this.audit(transaction, run, `action.${run.state}`, ask.by.name, { outcome: run.outcome });
      return { run, refusal, fresh: true };
    });
  }

  /** An entry of the audit trail about a run, and the event for the store where it tells of an end. */
  async audit(
    transaction: ControlDatabase,
    run: Run,
    action: string,
    author: string,
    detail: object,
  ): Promise<void> {
    const about = {
      ...{ run: run.id, action: run.action, target: `${run.target_type}:${run.target}` },
      ...{ reason: run.reason, dryRun: Number(run.dry) === 1, by: run.actor, ...detail },
    };
    const now = this.#deps.clock.now();
    await appendAudit(
      transaction,
      { author, action, subject: `${run.target_type}:${run.target}`.slice(0, 400), detail: about },
      now,
    );
    const event = actionEvent(run, action, author, now);
    if (!event) return;
    const row = { id: event.id!, at: now, document: JSON.stringify(event) };
    await transaction
      .insertInto("action_events")
      .values({ ...row, batch: null, owner: null, lease_until: null })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async get(id: string, database = this.#deps.database): Promise<Run | undefined> {
    return database.selectFrom("action_runs").selectAll().where("id", "=", id).executeTakeFirst();
  }

  async byKey(key: string): Promise<Run | undefined> {
    return this.#deps.database
      .selectFrom("action_runs")
      .selectAll()
      .where("key", "=", key)
      .executeTakeFirst();
  }

  /** The newest first. */
  async list({ states, action, target, containment, before, limit }: RunFilter): Promise<Run[]> {
    let query = this.#deps.database.selectFrom("action_runs").selectAll();
    if (states) query = query.where("state", "in", states);
    if (action !== undefined) query = query.where("action", "=", action);
    if (target !== undefined) query = query.where("target", "=", target);
    if (containment !== undefined) query = query.where("containment", "=", containment ? 1 : 0);
    if (before)
      query = query.where((each) =>
        each.or([
          each("created_at", "<", before.createdAt),
          each.and([each("created_at", "=", before.createdAt), each("id", "<", before.id)]),
        ]),
      );
    return query.orderBy("created_at", "desc").orderBy("id", "desc").limit(limit).execute();
  }

  /** Containments that stand, or may stand, at the other side now: not dry, not lifted yet. */
  async standing(action?: string): Promise<Run[]> {
    let query = this.#deps.database
      .selectFrom("action_runs")
      .selectAll()
      .where("state", "in", ["standing", "lifting"])
      .where("containment", "=", 1);
    if (action !== undefined) query = query.where("action", "=", action);
    return query.orderBy("created_at", "desc").limit(100_000).execute();
  }

  async approvals(id: string): Promise<ActionApprovalRow[]> {
    return this.#deps.database
      .selectFrom("action_approvals")
      .selectAll()
      .where("run_id", "=", id)
      .orderBy("at")
      .execute();
  }

  /** Agrees to a run, or denies it. Throws `action.unknown` and `action.refused`. */
  async decide(id: string, decision: "approve" | "deny", by: Change): Promise<Run> {
    return this.turn(async (transaction, now) => {
      const run = await this.#locked(transaction, id);
      if (run.state !== "approval" || Number(run.due_at) <= now)
        throw refused(`The run ${id} does not wait for anybody to agree; it is ${run.state}.`);
      if (decision === "approve" && by.id === run.actor_id)
        throw refused("Who asked for it cannot agree to it as well.");
      const given = {
        run_id: id,
        approver_id: by.id,
        approver: by.by,
        decision,
        comment: by.reason,
        at: now,
      };
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto("action_approvals")
        .values(given)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows === 0n) throw refused("You have said so already.");
      const { count } = await transaction
        .selectFrom("action_approvals")
        .select((each) => each.fn.countAll().as("count"))
        .where("run_id", "=", id)
        .where("decision", "=", "approve")
        .executeTakeFirstOrThrow();
      const enough = Number(count) >= Number(run.approvals);
      const change: Partial<Run> =
        decision === "deny"
          ? ended("denied", now, `Denied by ${by.by}${by.reason === "" ? "" : `: ${by.reason}`}.`)
          : enough
            ? { state: "queued", due_at: now }
            : {};
      if (Object.keys(change).length > 0) await this.#change(transaction, run, change);
      const after = { ...run, ...change };
      await this.audit(transaction, after, `action.${decision}`, by.by, { comment: by.reason });
      return after;
    });
  }

  /**
   * Takes a containment back, now rather than at its end; one that is not begun is cancelled. Resolves when that is written, not
   * when it is done. Throws `action.unknown` and `action.refused`.
   */
  async lift(id: string, by: Change): Promise<Run> {
    return this.turn(async (transaction, now) => {
      const run = await this.#locked(transaction, id);
      const reason = lineOf(by.reason);
      const lifted = { lift_by: by.by, lift_person: by.person ? 1 : 0, lift_reason: reason };
      let change: Partial<Run>;
      if (run.state === "approval" || (run.state === "queued" && run.begun_at === null))
        change = { ...lifted, ...ended("cancelled", now, `Cancelled by ${by.by}: ${reason}`) };
      else if (run.state === "standing")
        change = { ...lifted, state: "lifting", due_at: now, lift_attempt: 0 };
      else if ((run.state === "begun" || run.state === "queued") && Number(run.containment) === 1)
        change = lifted;
      else if (run.state === "lifting") change = { due_at: now };
      else throw refused(`The run ${id} is ${run.state}: there is nothing to lift.`);
      await this.#change(transaction, run, change);
      const after = { ...run, ...change };
      await this.audit(transaction, after, "action.lift", by.by, { liftReason: reason });
      return after;
    });
  }

  /** Lets containments that are missing at their backend be done again, until the end they had. */
  async redo(ids: readonly string[]): Promise<void> {
    await this.turn(async (transaction, now) => {
      for (const id of ids) {
        const run = await this.get(id, transaction);
        if (run?.state !== "standing" || Number(run.expires_at) <= now) continue;
        // As uncertain, so that its end stays what it was.
        const change = {
          state: "queued",
          due_at: now,
          attempt: 0,
          uncertain: 1,
          epoch: Number(run.epoch) + 1,
        };
        await this.#change(transaction, run, change);
        await this.audit(transaction, run, "action.mended", "vedette", { missing: true });
      }
    });
  }

  async #locked(transaction: ControlDatabase, id: string): Promise<Run> {
    const run = await this.get(id, transaction);
    if (!run) throw unknown(`There is no run ${JSON.stringify(id.slice(0, 64))}.`);
    return run;
  }

  async #change(transaction: ControlDatabase, { id }: Run, change: Partial<Run>): Promise<void> {
    await transaction.updateTable("action_runs").set(change).where("id", "=", id).execute();
  }

  /** Forgets runs that ended long ago, and list entries and operators that are over. */
  async prune(): Promise<void> {
    const { database, clock, config } = this.#deps;
    const now = clock.now();
    const old = await database
      .selectFrom("action_runs")
      .select("id")
      .where("ended_at", "<", now - config.keepDays * 86_400_000)
      .where("state", "not in", openStates)
      .limit(1_000)
      .execute();
    const ids = old.map(({ id }) => id);
    if (ids.length > 0) {
      await database.deleteFrom("action_approvals").where("run_id", "in", ids).execute();
      await database.deleteFrom("action_runs").where("id", "in", ids).execute();
    }
    await database.deleteFrom("action_lists").where("ends_at", "<", now).execute();
    await database
      .deleteFrom("action_operators")
      .where("seen_at", "<", now - config.operatorHours * 3_600_000)
      .execute();
  }
}

/** What a run is when it has ended. */
export const ended = (state: RunState, now: number, outcome: string): Partial<Run> => ({
  ...{ state, ended_at: now, due_at: null, standing_key: null, lock_key: null, lease_until: null },
  outcome: lineOf(outcome),
});

function rowOf(prepared: Prepared, verdict: Verdict, now: number, timeoutMs: number): Run {
  const { ask, action, target, parameters, dry, approvals } = prepared;
  const { refusal } = verdict;
  const head = {
    ...{
      id: randomUUID(),
      key: refusal && passing.has(refusal.guard) ? null : (ask.key ?? null),
      action: action.id,
    },
    ...{ target_type: target.type, target: target.value, parameters: JSON.stringify(parameters) },
    ...{ reason: lineOf(ask.reason), actor: ask.by.name, actor_id: ask.by.id, origin: ask.by.origin },
    ...{ batch: ask.batch ?? "", cause: JSON.stringify(ask.cause ?? {}), dry: dry ? 1 : 0 },
    ...{ containment: action.definition.containment ? 1 : 0, ttl_seconds: verdict.ttlSeconds, approvals },
    ...{ attempt: 0, expires_at: null, created_at: now, begun_at: null, ended_at: null, undo: "{}" },
    ...{ uncertain: 0, lift_by: null, lift_person: 0, lift_reason: null, lift_attempt: 0, outcome: "" },
    ...{ standing_key: null, lock_key: null, owner: null, epoch: 0, lease_until: null, due_at: null },
    ...{ tenant_id: ask.tenant?.id ?? null, tenant_name: ask.tenant?.name ?? null },
  };
  if (refusal) return { ...head, state: "refused", ended_at: now, outcome: lineOf(refusal.why) };
  if (dry) {
    const outcome = "Not done: a dry run.";
    return { ...head, state: "dry", ended_at: now, outcome };
  }
  const state = approvals > 0 ? "approval" : "queued";
  return {
    ...{ ...head, state, standing_key: standingKey(prepared) },
    due_at: approvals > 0 ? now + timeoutMs : now,
  };
}

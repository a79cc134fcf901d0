import { randomUUID } from "node:crypto";
import type { ActionResult, Clock, Logger, Standing, TargetType } from "@vedette/sdk";
import { pause } from "../../../bounded/index.ts";
import type { ActionsConfig } from "../../../config/index.ts";
import type { ControlDatabase } from "../../../control/index.ts";
import { targetRefusal } from "./guards.ts";
import { type ActionLedger, ended } from "./ledger.ts";
import { type Failure, failureOf, unavailable, waitMs } from "./outcome.ts";
import type { Protection } from "./protection.ts";
import type { Action, ActionRegistry } from "./registry.ts";
import { begunWithin, locked, lockOf, nameOf, requestOf, targetOf } from "./run-row.ts";
import { type Run, refused } from "./types.ts";

export interface ExecutorDeps {
  readonly database: ControlDatabase;
  readonly ledger: ActionLedger;
  readonly registry: ActionRegistry;
  readonly protection: Protection;
  readonly config: ActionsConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly redact: (text: string) => string;
  readonly random?: () => number;
  /** Whether nobody else can have the database: then what is under way is taken over at once. */
  readonly alone: boolean;
  /** Told of every run that came to an end or stands. */
  readonly told: (run: Run) => void;
  readonly everyMs?: number;
}

const maxAttempts = 5;
const concurrency = 16;
const minuteMs = 60_000;
/** An undo is tried until it succeeds: soon at first, then every five minutes. */
const undoWait = { least: 1_000, most: 300_000 };
const doWait = { least: 1_000, most: 60_000 };
const marginMs = 10_000;

/**
 * Carries out what the ledger has: begins, retries, ends approvals that nobody gave, and undoes containments in time. Every step is
 * written before and after, so another process can take it up after a crash at any point.
 */
export class Executor {
  readonly #deps: ExecutorDeps;
  readonly #owner = randomUUID();
  readonly #running = new Map<string, Promise<void>>();
  readonly #ending = new AbortController();
  #woken = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#loop = this.#work();
  }

  /** Looks for what is due now. */
  wake(): void {
    this.#woken.abort();
  }

  /** Begins nothing more and waits for calls that are under way, 5 s at most; the next start judges what is left. */
  async stop(graceMs = 5_000): Promise<void> {
    this.#ending.abort();
    this.#woken.abort();
    await this.#loop;
    const over = new AbortController();
    await Promise.race([Promise.all(this.#running.values()), pause(graceMs, over.signal)]);
    over.abort();
  }

  async #work(): Promise<void> {
    const { log, alone, database, clock, everyMs = 1_000 } = this.#deps;
    let first = alone;
    while (!this.#ending.signal.aborted) {
      this.#woken = new AbortController();
      let wait = everyMs;
      try {
        if (first)
          await database
            .updateTable("action_runs")
            .set({ due_at: clock.now() })
            .where("lease_until", "is not", null)
            .execute();
        first = false;
        wait = await this.#take(everyMs);
      } catch (error) {
        log.warn({ error }, "Actions cannot be looked for now, will retry.");
      }
      await pause(wait, AbortSignal.any([this.#ending.signal, this.#woken.signal]));
    }
  }

  /** Begins what is due; gives how long to wait before the next look. */
  async #take(everyMs: number): Promise<number> {
    const { database, clock } = this.#deps;
    const now = clock.now();
    const due = await database
      .selectFrom("action_runs")
      .selectAll()
      .where("due_at", "is not", null)
      .orderBy("due_at")
      .limit(concurrency * 4)
      .execute();
    for (const run of due) {
      if (Number(run.due_at) > now) return Math.max(1, Math.min(everyMs, Number(run.due_at) - now));
      if (this.#running.size >= concurrency || this.#ending.signal.aborted) break;
      if (!this.#running.has(run.id)) await this.#claim(run, now);
    }
    return everyMs;
  }

  async #claim(run: Run, now: number): Promise<void> {
    const epoch = Number(run.epoch) + 1;
    const definition = this.#deps.registry.find(run.action)?.definition;
    const lease = now + deadlineMs(definition?.deadlineSeconds) + marginMs;
    const { numUpdatedRows } = await this.#deps.database
      .updateTable("action_runs")
      .set({ owner: this.#owner, epoch, lease_until: lease, due_at: lease })
      .where("id", "=", run.id)
      .where("epoch", "=", run.epoch)
      .where("due_at", "=", run.due_at)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    const taken = { ...run, epoch, lease_until: lease };
    const work = this.#step(taken)
      .catch((error: unknown) =>
        this.#deps.log.error({ run: run.id, error }, "A step of an action could not be written, will retry."),
      )
      .finally(() => {
        this.#running.delete(run.id);
        this.wake();
      });
    this.#running.set(run.id, work);
  }

  async #step(run: Run): Promise<void> {
    switch (run.state) {
      case "approval":
        return this.#write(
          run,
          (now) => ended("timed_out", now, "Nobody agreed in time."),
          "action.timed_out",
        );
      case "queued":
        return this.#begin(run);
      case "begun":
        // Whoever began it is gone, and nobody knows how far it came.
        return this.#unknown(run, "It was begun when the collector ended.");
      case "standing":
        return this.#lift(run);
      case "lifting":
        return this.#undo(run);
    }
  }

  async #begin(run: Run): Promise<void> {
    const { ledger, registry, protection, config } = this.#deps;
    const action = registry.find(run.action);
    await protection.refresh();
    const begun = await ledger.turn(async (transaction, now): Promise<Run | undefined> => {
      const change = await this.#mayBegin(transaction, run, action, now);
      const caps = config.caps.perMinute;
      if (change) {
        if (await this.#set(transaction, run, change))
          if (change.state) await this.#tell(transaction, { ...run, ...change } as Run);
        return undefined;
      }
      if (Number(run.attempt) === 0 && (await begunWithin(transaction, now - minuteMs)) >= caps) {
        await this.#set(transaction, run, { due_at: now + 2_000, lease_until: null });
        return undefined;
      }
      const attempt = Number(run.attempt) + 1;
      const lasts = Number(run.containment) === 1 ? now + Number(run.ttl_seconds) * 1_000 : null;
      const next = {
        ...{ state: "begun", attempt, lock_key: lockOf(run), begun_at: run.begun_at ?? now },
        expires_at: run.expires_at ?? lasts,
      };
      return (await this.#set(transaction, run, next)) ? { ...run, ...next } : undefined;
    });
    if (!begun) return;
    let result: ActionResult;
    try {
      // Who asked has not asked the action yet, where that was a rule.
      if (run.origin === "rule") await validated(action!, begun);
      result = await action!.execute(requestOf(begun));
    } catch (error) {
      // The collector ends: what was begun stays begun, and the next one judges it.
      if (!this.#ending.signal.aborted) await this.#failed(begun, failureOf(error));
      return;
    }
    await this.#did(begun, result);
  }

  /** What becomes of a run that may not begin now; undefined where it may. */
  async #mayBegin(
    transaction: ControlDatabase,
    run: Run,
    action: Action | undefined,
    now: number,
  ): Promise<Partial<Run> | undefined> {
    if (!action) return ended("failed", now, `The action ${run.action} is not here any more.`);
    const target = { type: run.target_type as TargetType, value: run.target };
    const { protection } = this.#deps;
    const refusal = await targetRefusal(transaction, { action, target }, { protection });
    // What may stand there already is undone rather than forgotten.
    if (refusal && Number(run.uncertain) === 1)
      return { state: "lifting", due_at: now, outcome: refusal.why };
    if (refusal) return ended("refused", now, refusal.why);
    if (run.lift_by !== null && Number(run.uncertain) === 0)
      return ended("cancelled", now, `Cancelled by ${run.lift_by}.`);
    const over = run.expires_at !== null && Number(run.expires_at) <= now;
    if (over && Number(run.uncertain) === 1) return { state: "lifting", due_at: now };
    if (over) return ended("failed", now, "Its time was over before it could be done.");
    if (await locked(transaction, run)) return { due_at: now + 500, lease_until: null };
    return undefined;
  }

  async #did(run: Run, { message, undo = {} }: ActionResult): Promise<void> {
    const outcome = this.#deps.redact(message).slice(0, 1_000);
    const did = { outcome, undo: JSON.stringify(undo).slice(0, 16_384), uncertain: 0, lock_key: null };
    await this.#write(
      run,
      (now, lifted) =>
        Number(run.containment) === 0
          ? { ...did, ...ended("done", now, outcome) }
          : {
              ...did,
              state: lifted ? "lifting" : "standing",
              lease_until: null,
              due_at: lifted ? now : run.expires_at,
            },
      "action.executed",
    );
  }

  async #failed(run: Run, failure: Failure): Promise<void> {
    const { random = Math.random } = this.#deps;
    const attempt = Number(run.attempt);
    if (failure.fate === "unknown") return this.#unknown(run, failure.why);
    const again = failure.fate === "later" && attempt < maxAttempts;
    const why = this.#deps.redact(failure.why);
    if (!again && Number(run.uncertain) === 1) return this.#unknown(run, why, true);
    await this.#write(
      run,
      (now) =>
        again
          ? {
              ...{ state: "queued", lock_key: null, lease_until: null, outcome: why },
              // Nothing was done, so its time has not begun.
              expires_at: Number(run.uncertain) === 1 ? run.expires_at : null,
              due_at:
                now + waitMs(attempt, doWait, failure.fate === "later" ? failure.afterMs : undefined, random),
            }
          : { ...ended("failed", now, why), expires_at: null },
      again ? undefined : "action.failed",
    );
  }

  /**
   * Nobody knows whether it was done. It is repeated where that is harmless; else the backend is asked; else a containment is taken to
   * stand, so that it is undone in time, and anything else ends as uncertain, and is never repeated by itself.
   */
  async #unknown(run: Run, said: string, last = false): Promise<void> {
    const { registry, random = Math.random } = this.#deps;
    const why = this.#deps.redact(said);
    const action = registry.find(run.action);
    const attempt = Number(run.attempt);
    if (!last && action?.definition.idempotent && attempt < maxAttempts)
      return this.#write(run, (now) => ({
        ...{ state: "queued", uncertain: 1, lock_key: null, lease_until: null, outcome: why },
        due_at: now + waitMs(attempt, doWait, undefined, random),
      }));
    const found = await this.#standsAt(action, run);
    if (found) return this.#did(run, { message: `${why} It stands at the backend.` });
    await this.#write(
      run,
      (now, lifted) =>
        Number(run.containment) === 0
          ? { ...ended("uncertain", now, why), uncertain: 1 }
          : {
              ...{ state: lifted ? "lifting" : "standing", uncertain: 1, lock_key: null, lease_until: null },
              ...{ due_at: lifted ? now : run.expires_at, outcome: `${why} Nobody knows whether it stands.` },
            },
      "action.uncertain",
    );
  }

  async #standsAt(action: Action | undefined, run: Run): Promise<Standing | undefined> {
    if (!action?.list) return undefined;
    try {
      const all = await action.list();
      return all.find(({ id, target }) => id === run.id || (id === undefined && target.value === run.target));
    } catch {
      return undefined;
    }
  }

  async #lift(run: Run): Promise<void> {
    await this.#write(run, () => ({ state: "lifting", lift_attempt: 0 }), undefined, true);
    return this.#undo({ ...run, state: "lifting", lift_attempt: 0 });
  }

  async #undo(run: Run): Promise<void> {
    const { registry, ledger, random = Math.random } = this.#deps;
    const attempt = Number(run.lift_attempt) + 1;
    const mine = await ledger.turn(async (transaction, now) => {
      if (await locked(transaction, run)) {
        await this.#set(transaction, run, { due_at: now + 500, lease_until: null });
        return false;
      }
      return this.#set(transaction, run, { lift_attempt: attempt, lock_key: lockOf(run) });
    });
    if (!mine) return;
    const request = {
      ...{ id: run.id, action: nameOf(run), target: targetOf(run) },
      ...{ parameters: JSON.parse(run.parameters) as Record<string, string> },
      undo: JSON.parse(run.undo) as Record<string, string>,
      reason: run.lift_reason ?? `Its time is over (${run.id})`,
    };
    try {
      const undo = registry.find(run.action)?.undo;
      if (!undo) throw unavailable(`The action ${run.action} is not here to undo it.`);
      const { message } = await undo(request);
      const outcome = this.#deps.redact(message);
      await this.#write(run, (now) => ended("lifted", now, outcome), "action.lifted");
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      const { why, ...failure } = failureOf(error);
      const afterMs = failure.fate === "later" ? failure.afterMs : undefined;
      this.#deps.log.warn(
        { run: run.id, action: run.action, target: run.target, attempt, reason: this.#deps.redact(why) },
        "A containment could not be undone, will retry.",
      );
      await this.#write(run, (now) => ({
        ...{ lock_key: null, lease_until: null, outcome: `Not undone yet: ${this.#deps.redact(why)}` },
        due_at: now + waitMs(attempt, undoWait, afterMs, random),
      }));
    }
  }

  /** Writes how a run goes on, unless somebody else has it by now. `keep`: goes on with it afterwards. */
  async #write(
    run: Run,
    changeAt: (now: number, lifted: boolean) => Partial<Run>,
    audit?: string,
    keep = false,
  ): Promise<void> {
    await this.#deps.ledger.turn(async (transaction, now) => {
      const current = await transaction
        .selectFrom("action_runs")
        .select("lift_by")
        .where("id", "=", run.id)
        .executeTakeFirst();
      const change = changeAt(now, (current?.lift_by ?? null) !== null);
      if (!(await this.#set(transaction, run, change))) return;
      const after = { ...run, ...change } as Run;
      if (audit !== undefined)
        await this.#deps.ledger.audit(transaction, after, audit, "vedette", { outcome: after.outcome });
      if (audit !== undefined && !keep) this.#deps.told(after);
    });
  }

  async #tell(transaction: ControlDatabase, run: Run): Promise<void> {
    const detail = { outcome: run.outcome };
    await this.#deps.ledger.audit(transaction, run, `action.${run.state}`, "vedette", detail);
    this.#deps.told(run);
  }

  async #set(transaction: ControlDatabase, { id, epoch }: Run, change: Partial<Run>): Promise<boolean> {
    const { numUpdatedRows } = await transaction
      .updateTable("action_runs")
      .set(change)
      .where("id", "=", id)
      .where("epoch", "=", epoch)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }
}

const deadlineMs = (seconds = 30): number => Math.min(300, seconds) * 1_000;

/** Lets the action say whether it takes a run. Nothing is done by that, so whatever it throws refuses. */
async function validated(action: Action, run: Run): Promise<void> {
  try {
    await action.validate(requestOf(run));
  } catch (error) {
    const failure = failureOf(error);
    throw failure.fate === "unknown" ? refused(failure.why, error) : error;
  }
}

import { hash } from "node:crypto";
import { messageOf } from "@vedette/sdk";
import { ActionFailure, type ActionInfo, type ActionInput } from "../actions/index.ts";
import type { Value } from "../expression/index.ts";
import { textOf } from "../template/index.ts";
import type { StepBody } from "../workflow/index.ts";
import type { Followed, Job, StepRun } from "./job.ts";
import { StepFailed, Stopped, Suspended, Uncertain } from "./outcomes.ts";

type Action = Extract<StepBody, { kind: "action" }>;

interface Prepared {
  readonly info: ActionInfo;
  readonly input: ActionInput;
  readonly target: string | undefined;
  readonly key: string;
  readonly claim: { readonly key: string; readonly expiresAt: number } | undefined;
  readonly mayRepeat: boolean;
  readonly note: string | undefined;
}

/**
 * Calls an action: begun in the journal before, done in it after. A call that was begun and whose end nobody knows is
 * repeated only where repeating it is harmless; else the step is uncertain, and the job stops there.
 */
export async function actionStep(job: Job, run: StepRun, body: Action): Promise<Followed> {
  const { step, key } = run;
  const { journal, clock } = job.deps;
  const entry = journal.get(key);
  if (entry?.state === "done") return job.done(run, { state: "done", output: entry.output ?? {} }, step.next);
  if (entry?.state === "uncertain") throw new Uncertain(key);
  if (entry?.state === "retry" && clock.now() < (entry.wakeAt ?? 0)) throw new Suspended(entry.wakeAt!);
  const prepared = prepare(job, run, body);
  if (job.subject.dry) {
    const output = { $dryRun: true, action: body.action, input: prepared.input };
    return job.done(
      run,
      { state: "done", input: prepared.input, output, note: "Not done: a dry run." },
      step.next,
    );
  }
  if (entry?.state === "begun" && !prepared.mayRepeat) {
    await journal.write({
      key,
      kind: "action",
      state: "uncertain",
      error: "It was begun when the collector ended.",
    });
    throw new Uncertain(key);
  }
  const attempt = entry === undefined ? 1 : entry.state === "retry" ? entry.attempt + 1 : entry.attempt;
  const call = {
    ...{ action: body.action, key: prepared.key, input: prepared.input, target: prepared.target },
    ...{
      job: job.subject.id,
      connection: body.connection,
      tenant: tenantOf(job.subject.input),
      reason: `${run.workflow.name} (${job.subject.id})`,
    },
  };
  await job.deps.guards.check(prepared.info, call);
  const begun = {
    ...{ key, kind: "action", state: "begun" as const, attempt, input: prepared.input },
    ...(prepared.note === undefined ? {} : { note: prepared.note }),
  };
  const other = await journal.write(begun, prepared.claim ? { claim: prepared.claim } : {});
  if (other) {
    const output = { $skipped: true, job: other.job, step: other.step };
    const note = `Not done: job ${other.job} does the same within the window.`;
    return job.done(run, { state: "done", input: prepared.input, output, note }, step.next);
  }
  const timeout = AbortSignal.timeout(
    Math.max(1, Math.min(body.timeoutMs, job.subject.deadlineAt - clock.now())),
  );
  let output: ActionInput;
  try {
    output = await job.deps.actions.run({ ...call, signal: AbortSignal.any([job.deps.signal, timeout]) });
  } catch (error) {
    return await failed(job, run, body, { error, prepared, attempt, timedOut: timeout.aborted });
  }
  return job.done(run, { state: "done", attempt, input: prepared.input, output: output as Value }, step.next);
}

/** The tenant of the alert or event that a job was started with. */
function tenantOf(input: Value): { readonly id: string; readonly name: string } | undefined {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return undefined;
  const { tenantId: id, tenantName: name } = input as Readonly<Record<string, Value>>;
  return typeof id === "string" && id !== "" ? { id, name: typeof name === "string" ? name : "" } : undefined;
}

function prepare(job: Job, { step, key, values }: StepRun, body: Action): Prepared {
  const info = job.deps.actions.find(body.action);
  // A dry run of a workflow goes through whatever plugins are here.
  if (!info && !job.subject.dry) throw new StepFailed(`There is no action ${JSON.stringify(body.action)}.`);
  const missing = new Set<string>();
  const input = body.input.fill(values.lookup, missing) as ActionInput;
  const target = body.target === undefined ? undefined : textOf(body.target.fill(values.lookup, missing));
  const { id, cause, forced } = job.subject;
  const now = job.deps.clock.now();
  // The same rule, action, target and window is one thing to do, whichever job does it; else each step of each job is.
  const window = body.windowMs !== undefined && target !== undefined && !forced;
  const parts = window ? [cause, body.action, target] : [id, key];
  const digest = hash("sha256", JSON.stringify(parts));
  return {
    info: info ?? { name: body.action, critical: false, idempotent: () => false },
    ...{ input, target },
    key: window ? hash("sha256", JSON.stringify([...parts, Math.floor(now / body.windowMs!)])) : digest,
    claim: window ? { key: digest, expiresAt: now + body.windowMs! } : undefined,
    mayRepeat: body.idempotent ?? info?.idempotent(input) ?? false,
    note: missing.size === 0 ? undefined : `Not defined in ${step.id}: ${[...missing].join(", ")}`,
  };
}

interface Failed {
  readonly error: unknown;
  readonly prepared: Prepared;
  readonly attempt: number;
  readonly timedOut: boolean;
}

async function failed(job: Job, { key }: StepRun, body: Action, given: Failed): Promise<Followed> {
  const { error, prepared, attempt, timedOut } = given;
  const { journal, signal, clock, random } = job.deps;
  const failure =
    error instanceof ActionFailure
      ? error
      : new ActionFailure(messageOf(error), { fate: "unknown", cause: error });
  const message = timedOut ? `It took longer than ${body.timeoutMs / 1_000} s.` : failure.message;
  const unknown = failure.fate === "unknown" || timedOut;
  // The collector ends: what was begun stays begun, and the next one judges it.
  if (signal.aborted) throw new Stopped();
  if (unknown && !prepared.mayRepeat) {
    await journal.write({ key, kind: "action", state: "uncertain", attempt, error: message });
    throw new Uncertain(key);
  }
  const { retry } = body;
  if (retry && attempt < retry.attempts && (failure.again || timedOut)) {
    const wakeAt = clock.now() + waitOf(retry, attempt, failure.afterMs, random);
    await journal.write({ key, kind: "action", state: "retry", attempt, wakeAt, error: message });
    throw new Suspended(wakeAt);
  }
  if (prepared.claim) await journal.release(prepared.claim.key);
  throw new StepFailed(message, { cause: error });
}

/** Doubles with each try, at most the longest; half of it by chance, so that many jobs do not come back at once. */
export function waitOf(
  { backoffMs, maxBackoffMs }: NonNullable<Action["retry"]>,
  attempt: number,
  afterMs: number | undefined,
  random: () => number,
): number {
  const grown = Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(Math.max(afterMs ?? 0, grown / 2 + (grown / 2) * random()));
}

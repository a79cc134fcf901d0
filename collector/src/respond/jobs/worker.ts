import { randomUUID } from "node:crypto";
import { type Clock, type Logger, messageOf } from "@vedette/sdk";
import { pause } from "../../bounded/index.ts";
import type { ControlDatabase, JobRow, SecretBox } from "../../control/index.ts";
import type { ActionRunner, Guards } from "../actions/index.ts";
import type { Value } from "../expression/index.ts";
import type { TellOfQuestion } from "../notify/index.ts";
import {
  collector,
  compileWorkflow,
  type Workflow,
  type WorkflowDoc,
  workflowDoc,
} from "../workflow/index.ts";
import { Journal } from "./journal.ts";
import { JournalFailed, Lost, Stopped, Suspended, Uncertain } from "./outcomes.ts";
import { JobRun } from "./run.ts";
import type { JobDocs, JobStore } from "./store.ts";
import { globalArtifacts } from "./tables.ts";

export interface WorkerDeps {
  readonly database: ControlDatabase;
  readonly box: SecretBox;
  readonly redact: (text: string) => string;
  readonly store: JobStore;
  readonly actions: ActionRunner;
  readonly guards: Guards;
  readonly tell?: TellOfQuestion;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random?: () => number;
  /** Jobs that this process runs at a time. */
  readonly concurrency?: number;
  /** Longest time between two looks for jobs that can go on. */
  readonly everyMs?: number;
  readonly leaseMs?: number;
  /** Whether nobody else can have the database: then every job that is under way is taken over at once. */
  readonly alone: boolean;
  /** Days that ended jobs are kept. */
  readonly keepDays?: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Runs jobs: takes those that can go on, renews its leases, writes how they ended. One in a process. */
export class JobWorker {
  readonly #deps: WorkerDeps;
  readonly #owner = randomUUID();
  readonly #running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>();
  readonly #ending = new AbortController();
  #woken = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #prunedAt = 0;

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#deps.store.onWork = () => this.wake();
    this.#loop = this.#work();
  }

  /** Looks for jobs now. */
  wake(): void {
    this.#woken.abort();
  }

  /** Takes no more jobs and ends those under way after the step they are at; they go on at the next start. */
  async stop(graceMs = 5_000): Promise<void> {
    this.#ending.abort();
    this.#woken.abort();
    await this.#loop;
    const all = Promise.all([...this.#running.values()].map(({ ended }) => ended));
    const timer = setTimeout(() => {
      for (const { stop } of this.#running.values()) stop.abort();
    }, graceMs);
    await all;
    clearTimeout(timer);
  }

  async #work(): Promise<void> {
    const { log, alone, database, everyMs = 1_000 } = this.#deps;
    let first = alone;
    while (!this.#ending.signal.aborted) {
      this.#woken = new AbortController();
      try {
        if (first)
          await database
            .updateTable("jobs")
            .set({ lease_until: 0 })
            .where("status", "=", "running")
            .execute();
        first = false;
        await this.#renew();
        await this.#take();
        await this.#prune();
      } catch (error) {
        log.warn({ error }, "Jobs cannot be looked for now, will retry.");
      }
      await pause(everyMs, AbortSignal.any([this.#ending.signal, this.#woken.signal]));
    }
  }

  /** Keeps what is running, and ends what a person cancelled. */
  async #renew(): Promise<void> {
    const ids = [...this.#running.keys()];
    if (ids.length === 0) return;
    const { database, clock, leaseMs = 30_000 } = this.#deps;
    await database
      .updateTable("jobs")
      .set({ lease_until: clock.now() + leaseMs })
      .where("id", "in", ids)
      .where("owner", "=", this.#owner)
      .execute();
    const cancelled = await database
      .selectFrom("jobs")
      .select("id")
      .where("id", "in", ids)
      .where("cancelled_by", "is not", null)
      .execute();
    for (const { id } of cancelled) this.#running.get(id)?.stop.abort();
  }

  async #take(): Promise<void> {
    const { database, clock, concurrency = 16 } = this.#deps;
    const now = clock.now();
    const free = concurrency - this.#running.size;
    if (free <= 0) return;
    const due = await database
      .selectFrom("jobs")
      .selectAll()
      .where((each) =>
        each.or([
          each("status", "=", "queued"),
          each.and([each("status", "=", "waiting"), each("wake_at", "<=", now)]),
          each.and([each("status", "=", "running"), each("lease_until", "<=", now)]),
        ]),
      )
      .orderBy("created_at")
      .limit(free * 4)
      .execute();
    for (const job of due) {
      if (this.#running.size >= concurrency || this.#ending.signal.aborted) return;
      if (!this.#running.has(job.id)) await this.#claim(job, now);
    }
  }

  /** Makes a job this process's own, unless another was faster or its workflow has enough under way. */
  async #claim(job: JobRow, now: number): Promise<void> {
    const { database, leaseMs = 30_000 } = this.#deps;
    const { limits } = (JSON.parse(job.docs) as { main: WorkflowDoc }).main;
    const fresh = job.started_at === null;
    if (fresh && !(await this.#mayStart(job.workflow, limits, now))) return;
    const epoch = Number(job.epoch) + 1;
    const { numUpdatedRows } = await database
      .updateTable("jobs")
      .set({
        ...{ status: "running", owner: this.#owner, epoch, lease_until: now + leaseMs, wake_at: null },
        started_at: job.started_at ?? now,
      })
      .where("id", "=", job.id)
      .where("epoch", "=", job.epoch)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    const stop = new AbortController();
    const ended = this.#run({ ...job, epoch }, stop.signal).finally(() => {
      this.#running.delete(job.id);
      this.wake();
    });
    this.#running.set(job.id, { stop, ended });
  }

  async #mayStart(workflow: string, limits: WorkflowDoc["limits"], now: number): Promise<boolean> {
    const count = async (query: "running" | "started"): Promise<number> => {
      const all = this.#deps.database
        .selectFrom("jobs")
        .select((each) => each.fn.countAll().as("count"))
        .where("workflow", "=", workflow);
      const found = await (query === "running"
        ? all.where("status", "=", "running")
        : all.where("started_at", ">", now - minuteMs)
      ).executeTakeFirstOrThrow();
      return Number(found.count);
    };
    return (await count("running")) < limits.concurrency && (await count("started")) < limits.perMinute;
  }

  async #run(job: JobRow, signal: AbortSignal): Promise<void> {
    const { log, clock } = this.#deps;
    try {
      const subject = subjectOf(job);
      if (job.cancelled_by !== null) throw new Stopped();
      const journal = await Journal.open(this.#deps, job);
      const { actions, guards, database, tell, random = Math.random } = this.#deps;
      // The grace of stopping is over before calls are cut; then steps that were begun are judged at the next start.
      const deps = {
        journal,
        actions,
        guards,
        tell,
        clock,
        random,
        signal,
        artifacts: globalArtifacts(database, clock),
      };
      await new JobRun(subject, deps).run();
      const saved = subject.dry ? 0 : subject.workflow.timeSavedSeconds;
      await this.#end(job, { status: "succeeded", ended_at: clock.now(), time_saved: saved });
    } catch (error) {
      await this.#ended(job, error).catch((problem: unknown) =>
        log.error(
          { job: job.id, error: problem },
          "How a job ended cannot be written; it goes on when its lease is over.",
        ),
      );
    }
  }

  async #ended(job: JobRow, error: unknown): Promise<void> {
    const { clock, log, redact, database } = this.#deps;
    const now = clock.now();
    if (error instanceof Lost) return;
    if (error instanceof JournalFailed) throw error;
    if (error instanceof Suspended) {
      const wakeAt = Math.min(error.wakeAt, Number(job.deadline_at));
      await this.#end(job, { status: "waiting", wake_at: wakeAt });
      // An answer or a cancellation in between has said so already, and was overwritten: look again.
      const asked = await database
        .selectFrom("job_questions")
        .select("step")
        .where("job_id", "=", job.id)
        .where("answer", "is not", null)
        .execute();
      const { cancelled_by } = (await this.#deps.store.get(job.id)) ?? { cancelled_by: null };
      if (asked.length > 0 || cancelled_by !== null)
        await this.#nudge(
          job,
          now,
          wakeAt,
          asked.map(({ step }) => step),
        );
      return;
    }
    if (error instanceof Stopped) {
      const { cancelled_by } = (await this.#deps.store.get(job.id)) ?? { cancelled_by: null };
      if (cancelled_by === null) await this.#end(job, { status: "queued", owner: null });
      else
        await this.#end(job, { status: "cancelled", ended_at: now, error: `Cancelled by ${cancelled_by}.` });
      return;
    }
    const status = error instanceof Uncertain ? "uncertain" : "failed";
    const message = redact(messageOf(error)).slice(0, 4_096);
    log.warn({ job: job.id, workflow: job.workflow, status, reason: message }, "A job did not succeed.");
    await this.#end(job, { status, ended_at: now, error: message });
  }

  /** Lets a job go on at once when something came while its wait was being written. */
  async #nudge(job: JobRow, now: number, wakeAt: number, answered: readonly string[]): Promise<void> {
    const { database, store } = this.#deps;
    const waits = await database
      .selectFrom("job_steps")
      .select("key")
      .where("job_id", "=", job.id)
      .where("state", "=", "waiting")
      .execute();
    const { cancelled_by } = (await store.get(job.id)) ?? { cancelled_by: null };
    if (cancelled_by === null && !waits.some(({ key }) => answered.includes(key))) return;
    await database
      .updateTable("jobs")
      .set({ wake_at: now })
      .where("id", "=", job.id)
      .where("status", "=", "waiting")
      .where("wake_at", "=", wakeAt)
      .execute();
  }

  async #end(job: JobRow, change: Partial<JobRow>): Promise<void> {
    await this.#deps.database
      .updateTable("jobs")
      .set({ lease_until: null, ...change })
      .where("id", "=", job.id)
      .where("epoch", "=", job.epoch)
      .execute();
  }

  async #prune(): Promise<void> {
    const { clock, store, keepDays = 30 } = this.#deps;
    const now = clock.now();
    if (now - this.#prunedAt < minuteMs) return;
    this.#prunedAt = now;
    await store.prune(now - keepDays * dayMs);
  }
}

/** A job as it was made; its workflows were checked then. */
function subjectOf(job: JobRow) {
  const docs = JSON.parse(job.docs) as JobDocs;
  const compiled = (doc: unknown): Workflow =>
    compileWorkflow(
      workflowDoc.parse(doc),
      collector("job", () => ({ line: 1, column: 1 })),
    ).workflow;
  return {
    id: job.id,
    workflow: compiled(docs.main),
    others: new Map(Object.entries(docs.others).map(([id, doc]) => [id, compiled(doc)])),
    input: JSON.parse(job.input) as Value,
    parameters: docs.parameters,
    dry: Number(job.dry) === 1,
    createdAt: Number(job.created_at),
    deadlineAt: Number(job.deadline_at),
    cause: docs.cause,
    forced: docs.forced,
  };
}

import { randomUUID } from "node:crypto";
import { type Clock, VedetteError } from "@vedette/sdk";
import type { ControlDatabase, JobQuestionRow, JobRow, JobStepRow } from "../../control/index.ts";
import type { Value } from "../expression/index.ts";
import type { Workflow } from "../workflow/index.ts";

export const statuses = [
  "queued",
  "running",
  "waiting",
  "succeeded",
  "failed",
  "cancelled",
  "uncertain",
] as const;
export type JobStatus = (typeof statuses)[number];

const open: readonly JobStatus[] = ["queued", "running", "waiting"];
const ended: readonly JobStatus[] = ["succeeded", "failed", "cancelled", "uncertain"];
/** Longest input of a job, in characters of JSON. */
const maxInput = 1_048_576;

export interface NewJob {
  readonly workflow: Workflow;
  /** The workflows that it runs. */
  readonly others: readonly Workflow[];
  readonly input: Value;
  readonly parameters?: Readonly<Record<string, Value>>;
  /** What started it: `alert`, `schedule`, or who. */
  readonly startedBy: string;
  /** The same key again makes no second job. */
  readonly triggerKey?: string;
  /** The lasting name of what started it, such as a rule. Default: the workflow's id. */
  readonly cause?: string;
  readonly dry?: boolean;
}

/** What else a job is made of; kept as it was when the job was made. */
export interface JobDocs {
  readonly main: unknown;
  readonly others: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, Value>>;
  readonly cause: string;
  readonly forced: boolean;
}

/** What an API may ask for; newest first. */
export interface JobFilter {
  readonly workflow?: string;
  readonly status?: JobStatus;
  /** Only those before this one. */
  readonly before?: { readonly createdAt: number; readonly id: string };
  readonly limit: number;
}

/** Jobs in the control database: made, listed, cancelled, answered, run again. */
export class JobStore {
  readonly #database: ControlDatabase;
  readonly #clock: Clock;
  readonly #maxOpen: number;
  /** Called when a job can go on. */
  onWork: () => void = () => {};

  constructor(database: ControlDatabase, clock: Clock, maxOpen = 10_000) {
    this.#database = database;
    this.#clock = clock;
    this.#maxOpen = maxOpen;
  }

  /** Makes a job; gives the one that there is already for the same trigger. Throws `job.refused` where too many wait. */
  async create(job: NewJob): Promise<{ readonly id: string; readonly fresh: boolean }> {
    const { workflow, others, parameters = {}, cause = workflow.id } = job;
    const input = JSON.stringify(job.input);
    if (input.length > maxInput)
      throw refused(`What the job is started with has ${input.length} characters, the limit is ${maxInput}.`);
    const absent = Object.entries(workflow.parameters).find(
      ([name, { default: value }]) => value === undefined && !Object.hasOwn(parameters, name),
    );
    if (absent) throw refused(`The parameter ${JSON.stringify(absent[0])} of the workflow is not set.`);
    const { count } = await this.#database
      .selectFrom("jobs")
      .select((each) => each.fn.countAll().as("count"))
      .where("status", "in", open)
      .executeTakeFirstOrThrow();
    if (Number(count) >= this.#maxOpen) throw refused(`${this.#maxOpen} jobs are under way or wait already.`);
    const docs: JobDocs = {
      main: workflow.doc,
      others: Object.fromEntries(others.map(({ id, doc }) => [id, doc])),
      ...{ parameters, cause, forced: false },
    };
    const row = this.#rowOf(job, docs, input);
    await this.#database
      .insertInto("jobs")
      .values(row)
      .onConflict((conflict) => conflict.column("trigger_key").doNothing())
      .execute();
    const { id } =
      job.triggerKey === undefined
        ? row
        : await this.#database
            .selectFrom("jobs")
            .select("id")
            .where("trigger_key", "=", job.triggerKey)
            .executeTakeFirstOrThrow();
    if (id === row.id) this.onWork();
    return { id, fresh: id === row.id };
  }

  #rowOf(job: NewJob, docs: JobDocs, input: string): JobRow {
    const now = this.#clock.now();
    const { workflow, startedBy, triggerKey = null, dry = false } = job;
    return {
      ...{ id: randomUUID(), workflow: workflow.id, docs: JSON.stringify(docs), input },
      ...{ started_by: startedBy.slice(0, 200), trigger_key: triggerKey, dry: dry ? 1 : 0 },
      ...{ status: "queued", error: null, owner: null, epoch: 0, lease_until: null, wake_at: null },
      ...{ cancelled_by: null, rerun_of: null, created_at: now, started_at: null, ended_at: null },
      deadline_at: now + workflow.limits.timeoutSeconds * 1_000,
      time_saved: 0,
    };
  }

  get(id: string): Promise<JobRow | undefined> {
    return this.#database.selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirst();
  }

  list({ workflow, status, before, limit }: JobFilter): Promise<JobRow[]> {
    let query = this.#database.selectFrom("jobs").selectAll();
    if (workflow !== undefined) query = query.where("workflow", "=", workflow);
    if (status !== undefined) query = query.where("status", "=", status);
    if (before)
      query = query.where((each) =>
        each.or([
          each("created_at", "<", before.createdAt),
          each.and([each("created_at", "=", before.createdAt), each("id", "<", before.id)]),
        ]),
      );
    return query.orderBy("created_at", "desc").orderBy("id", "desc").limit(limit).execute();
  }

  /** The journal, in the order in which steps were begun. */
  steps(id: string): Promise<JobStepRow[]> {
    return this.#database
      .selectFrom("job_steps")
      .selectAll()
      .where("job_id", "=", id)
      .orderBy("seq")
      .limit(10_000)
      .execute();
  }

  questions(id: string): Promise<JobQuestionRow[]> {
    return this.#database
      .selectFrom("job_questions")
      .selectAll()
      .where("job_id", "=", id)
      .orderBy("asked_at")
      .execute();
  }

  /** Ends a job before its next step. Throws `job.unknown`, and `job.refused` where it has ended. */
  async cancel(id: string, by: string): Promise<void> {
    const job = await this.#require(id);
    if (!open.includes(job.status as JobStatus)) throw refused(`The job has ended: ${job.status}.`);
    await this.#database
      .updateTable("jobs")
      .set({ cancelled_by: by.slice(0, 200), wake_at: this.#clock.now() })
      .where("id", "=", id)
      .where("status", "in", open)
      .execute();
    this.onWork();
  }

  /** Answers a question, once. Throws `job.unknown`, and `job.refused` with the reason. */
  async answer(id: string, step: string, answer: string, by: string): Promise<void> {
    const now = this.#clock.now();
    await this.#require(id);
    const asked = (await this.questions(id)).find((each) => each.step === step);
    if (!asked) throw refused(`The job asks nothing at ${JSON.stringify(step)}.`);
    const options = JSON.parse(asked.options) as string[];
    if (!options.includes(answer)) throw refused(`The answers are ${options.join(", ")}.`);
    if (now >= Number(asked.expires_at)) throw refused("The time for an answer is over.");
    const { numUpdatedRows } = await this.#database
      .updateTable("job_questions")
      .set({ answer, answered_by: by.slice(0, 200), answered_at: now })
      .where("job_id", "=", id)
      .where("step", "=", step)
      .where("answer", "is", null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw refused("Somebody has answered already.");
    await this.#database
      .updateTable("jobs")
      .set({ wake_at: now })
      .where("id", "=", id)
      .where("status", "in", open)
      .execute();
    this.onWork();
  }

  /**
   * A new job that takes over what an ended one did before a step, and goes on from there; from the beginning where no step
   * is named. With `assumeDone` the step itself counts as done, which is how a person settles an uncertain one. Windows hold
   * nothing back in it. Throws `job.unknown` and `job.refused`.
   */
  async rerun(
    id: string,
    by: string,
    {
      from,
      assumeDone = false,
      input,
    }: { readonly from?: string; readonly assumeDone?: boolean; readonly input?: Value } = {},
  ): Promise<string> {
    const job = await this.#require(id);
    if (!ended.includes(job.status as JobStatus)) throw refused(`The job has not ended: ${job.status}.`);
    const steps = await this.#database.selectFrom("job_steps").selectAll().where("job_id", "=", id).execute();
    const start = steps.find(({ key }) => key === from);
    if (from !== undefined && !start) throw refused(`The job has no step ${JSON.stringify(from)}.`);
    if (start && input !== undefined) throw refused("Another input means another run: name no step with it.");
    const now = this.#clock.now();
    const docs = { ...(JSON.parse(job.docs) as JobDocs), forced: true };
    const again: JobRow = {
      ...job,
      ...{ id: randomUUID(), docs: JSON.stringify(docs), rerun_of: id, started_by: by.slice(0, 200) },
      ...{ trigger_key: null, status: "queued", error: null, owner: null, epoch: 0, lease_until: null },
      ...{
        wake_at: null,
        cancelled_by: null,
        created_at: now,
        started_at: null,
        ended_at: null,
        time_saved: 0,
      },
      input: input === undefined ? job.input : JSON.stringify(input),
      deadline_at: now + (Number(job.deadline_at) - Number(job.created_at)),
    };
    await this.#database.transaction().execute(async (transaction) => {
      await transaction.insertInto("jobs").values(again).execute();
      const kept = steps.filter(
        (step) =>
          start !== undefined &&
          step.state === "done" &&
          Number(step.seq) < Number(start.seq) &&
          !holds(step, start),
      );
      const settled =
        assumeDone && start ? [{ ...start, state: "done", output: "{}", sealed: null, error: null }] : [];
      for (const step of [...kept, ...settled]) {
        const note = `Taken over from job ${id}.`;
        // Sealed outputs are bound to their job; a step that has one is done anew.
        if (step.sealed !== null)
          throw refused(
            `The step ${JSON.stringify(step.key)} holds secrets; run the job from the beginning.`,
          );
        await transaction
          .insertInto("job_steps")
          .values({ ...step, job_id: again.id, note })
          .execute();
      }
    });
    this.onWork();
    return again.id;
  }

  /** Forgets ended jobs from before a time; so many at once. */
  async prune(before: number, most = 500): Promise<number> {
    const old = await this.#database
      .selectFrom("jobs")
      .select("id")
      .where("status", "in", ended)
      .where("ended_at", "<", before)
      .limit(most)
      .execute();
    const ids = old.map(({ id }) => id);
    if (ids.length === 0) return 0;
    await this.#database.transaction().execute(async (transaction) => {
      for (const table of ["job_steps", "job_questions"] as const)
        await transaction.deleteFrom(table).where("job_id", "in", ids).execute();
      await transaction.deleteFrom("jobs").where("id", "in", ids).execute();
    });
    return ids.length;
  }

  /** Seconds of work that the jobs of a workflow saved. */
  async timeSaved(workflow: string): Promise<number> {
    const { seconds } = await this.#database
      .selectFrom("jobs")
      .select((each) => each.fn.sum("time_saved").as("seconds"))
      .where("workflow", "=", workflow)
      .executeTakeFirstOrThrow();
    return Number(seconds ?? 0);
  }

  async #require(id: string): Promise<JobRow> {
    const job = await this.get(id);
    if (!job)
      throw new VedetteError("job.unknown", `There is no job ${JSON.stringify(id.slice(0, 100))}.`, {
        verdict: "drop",
      });
    return job;
  }
}

/** A loop or branch that was over counts as not done when one of its steps is run again. */
const holds = (outer: JobStepRow, inner: JobStepRow): boolean =>
  [`${outer.key}#`, `${outer.key}:`, `${outer.key}>`].some((start) => inner.key.startsWith(start));

const refused = (message: string): VedetteError =>
  new VedetteError("job.refused", message, { verdict: "drop" });

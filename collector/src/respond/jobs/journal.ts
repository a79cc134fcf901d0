import type { ControlDatabase, JobQuestionRow, JobRow, JobStepRow, SecretBox } from "../../control/index.ts";
import { jobSealedAs } from "../../control/index.ts";
import type { Value } from "../expression/index.ts";
import { JournalFailed, Lost, StepFailed } from "./outcomes.ts";

/** Longest output of a step, in characters of JSON. */
const maxOutput = 1_048_576;
/** Longest input that is kept for people to read. */
const maxShown = 65_536;

export interface JournalDeps {
  readonly database: ControlDatabase;
  readonly box: SecretBox;
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
  readonly clock: { now(): number };
}

/** A step as the journal has it. */
export interface Entry {
  readonly key: string;
  readonly seq: number;
  readonly state: "begun" | "done" | "failed" | "waiting" | "retry" | "uncertain";
  readonly attempt: number;
  readonly startedAt: number;
  readonly wakeAt: number | undefined;
  readonly output: Value | undefined;
  readonly error: string | undefined;
}

/** What is written of a step. */
export interface Written {
  readonly key: string;
  readonly kind: string;
  readonly state: Entry["state"];
  readonly attempt?: number;
  readonly input?: Value;
  readonly output?: Value;
  readonly error?: string;
  readonly note?: string;
  readonly wakeAt?: number;
}

/** Who did, within its window, what a step is about to do. */
export interface Claimed {
  readonly job: string;
  readonly step: string;
}

/**
 * The write-ahead log of one job while this process owns it. Every write is refused, with `Lost`, once another owner has
 * the job; so what was begun here is on disk before anything outside is changed.
 */
export class Journal {
  readonly #deps: JournalDeps;
  readonly #job: string;
  readonly #epoch: number;
  readonly #entries = new Map<string, Entry>();
  #seq = 0;

  private constructor(deps: JournalDeps, job: Pick<JobRow, "id" | "epoch">) {
    this.#deps = deps;
    this.#job = job.id;
    this.#epoch = job.epoch;
  }

  static async open(deps: JournalDeps, job: Pick<JobRow, "id" | "epoch">): Promise<Journal> {
    const journal = new Journal(deps, job);
    const rows = await deps.database
      .selectFrom("job_steps")
      .selectAll()
      .where("job_id", "=", job.id)
      .execute();
    for (const row of rows) journal.#entries.set(row.key, journal.#entryOf(row));
    journal.#seq = Math.max(0, ...rows.map(({ seq }) => Number(seq)));
    return journal;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /**
   * Writes a step. With a claim: where another job has done the same within its window, nothing is written and that one is
   * given. Throws `Lost`.
   */
  async write(
    written: Written,
    more: {
      readonly claim?: { readonly key: string; readonly expiresAt: number };
      readonly also?: (transaction: ControlDatabase) => Promise<unknown>;
    } = {},
  ): Promise<Claimed | undefined> {
    const now = this.#deps.clock.now();
    const before = this.#entries.get(written.key);
    const row = this.#rowOf(written, before, now);
    const claimed = await this.#transaction(async (transaction) => {
      await this.#fence(transaction);
      if (more.claim) {
        const other = await claim(transaction, more.claim, { job: this.#job, step: written.key }, now);
        if (other) return other;
      }
      await more.also?.(transaction);
      await transaction
        .insertInto("job_steps")
        .values(row)
        .onConflict((conflict) => conflict.columns(["job_id", "key"]).doUpdateSet(row))
        .execute();
      return undefined;
    });
    if (!claimed) this.#entries.set(written.key, this.#entryOf(row));
    return claimed;
  }

  /** Gives a claim back, because what it was for was not done. */
  async release(key: string): Promise<void> {
    await this.#deps.database
      .deleteFrom("job_claims")
      .where("key", "=", key)
      .where("job_id", "=", this.#job)
      .execute();
  }

  /** The question of a step, once it was asked. */
  question(step: string): Promise<JobQuestionRow | undefined> {
    return this.#deps.database
      .selectFrom("job_questions")
      .selectAll()
      .where("job_id", "=", this.#job)
      .where("step", "=", step)
      .executeTakeFirst();
  }

  async #transaction<T>(work: (transaction: ControlDatabase) => Promise<T>): Promise<T> {
    try {
      return await this.#deps.database.transaction().execute(work);
    } catch (error) {
      throw error instanceof Lost ? error : new JournalFailed(error);
    }
  }

  /** A no-op on the job's row that fails when somebody else owns it, and holds it until the transaction ends. */
  async #fence(transaction: ControlDatabase): Promise<void> {
    const { numUpdatedRows } = await transaction
      .updateTable("jobs")
      .set({ epoch: this.#epoch })
      .where("id", "=", this.#job)
      .where("epoch", "=", this.#epoch)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new Lost();
  }

  #rowOf(written: Written, before: Entry | undefined, now: number): JobStepRow {
    const { redact, box } = this.#deps;
    const ended = written.state === "done" || written.state === "failed" || written.state === "uncertain";
    const output = written.output === undefined ? null : JSON.stringify(written.output);
    if (output !== null && output.length > maxOutput)
      throw new StepFailed(
        `The output of the step has ${output.length} characters, the limit is ${maxOutput}.`,
      );
    const shown = output === null ? null : redact(output);
    const input = written.input === undefined ? null : redact(JSON.stringify(written.input));
    return {
      job_id: this.#job,
      key: written.key,
      seq: before?.seq ?? ++this.#seq,
      kind: written.kind,
      state: written.state,
      attempt: written.attempt ?? before?.attempt ?? 1,
      started_at: before?.startedAt ?? now,
      ended_at: ended ? now : null,
      wake_at: written.wakeAt ?? null,
      input: input !== null && input.length > maxShown ? JSON.stringify({ $cut: input.length }) : input,
      output: shown,
      sealed:
        shown === output || output === null ? null : sealed(box, jobSealedAs(this.#job, written.key), output),
      error: written.error === undefined ? null : redact(written.error).slice(0, 4_096),
      note: written.note === undefined ? null : redact(written.note).slice(0, 4_096),
    };
  }

  #entryOf(row: JobStepRow): Entry {
    const text =
      row.sealed === null ? row.output : this.#deps.box.open(jobSealedAs(row.job_id, row.key), row.sealed);
    return {
      key: row.key,
      seq: Number(row.seq),
      state: row.state as Entry["state"],
      attempt: Number(row.attempt),
      startedAt: Number(row.started_at),
      wakeAt: row.wake_at === null ? undefined : Number(row.wake_at),
      output: text === null ? undefined : (JSON.parse(text) as Value),
      error: row.error ?? undefined,
    };
  }
}

function sealed(box: SecretBox, name: string, text: string): string {
  try {
    return box.seal(name, text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new StepFailed("The output of the step holds a secret and is too long to be sealed.", {
      cause: error,
    });
  }
}

/** Takes a claim, or says who has it. One that is over, or this step's own, is taken. */
async function claim(
  transaction: ControlDatabase,
  wanted: { readonly key: string; readonly expiresAt: number },
  by: Claimed,
  now: number,
): Promise<Claimed | undefined> {
  const row = { key: wanted.key, job_id: by.job, step: by.step, expires_at: wanted.expiresAt };
  await transaction
    .deleteFrom("job_claims")
    .where("key", "=", wanted.key)
    .where("expires_at", "<=", now)
    .execute();
  await transaction
    .insertInto("job_claims")
    .values(row)
    .onConflict((conflict) => conflict.column("key").doNothing())
    .execute();
  const held = await transaction
    .selectFrom("job_claims")
    .selectAll()
    .where("key", "=", wanted.key)
    .executeTakeFirstOrThrow();
  return held.job_id === by.job && held.step === by.step ? undefined : { job: held.job_id, step: held.step };
}

import { type Clock, VedetteError } from "@vedette/sdk";
import {
  appendAudit,
  type CaseRow,
  type ControlDatabase,
  currentRevision,
  nextRevision,
} from "../control/index.ts";
import type { Store } from "../store/index.ts";
import {
  type CaseChange,
  type CaseKind,
  type CaseState,
  type CaseStatus,
  caseLimits,
  changed,
  freshCase,
  type HistoryEntry,
} from "./case.ts";

/** A change as the others hear of it. */
export interface CaseNews extends CaseState {
  readonly kind: CaseKind;
  readonly id: string;
  readonly revision: number;
}

const pageRows = 200;

/**
 * What people made of alerts and incidents: decided in the control database, one change after the other, and copied from there
 * into the store, where queries look for it. A copy that fails is made later, by whichever collector comes by.
 */
export class Cases {
  readonly #database: ControlDatabase;
  readonly #store: Pick<Store, "insertRows">;
  readonly #clock: Clock;

  constructor(database: ControlDatabase, store: Pick<Store, "insertRows">, clock: Clock) {
    this.#database = database;
    this.#store = store;
    this.#clock = clock;
  }

  /** How it stands; a fresh one where nobody changed it. */
  async state(kind: CaseKind, id: string): Promise<CaseState> {
    return stateOf(await this.#row(this.#database, kind, id));
  }

  /** What was done, the latest first. */
  async history(kind: CaseKind, id: string): Promise<HistoryEntry[]> {
    const rows = await this.#database
      .selectFrom("case_history")
      .selectAll()
      .where("kind", "=", kind)
      .where("case_id", "=", id)
      .orderBy("version", "desc")
      .execute();
    return rows.map(({ version, at, author, changes, comment }) => ({
      ...{ version: Number(version), at: Number(at), author, comment },
      changes: JSON.parse(changes) as HistoryEntry["changes"],
    }));
  }

  /**
   * Makes a change. Whether there is such an alert is not asked here. Throws `alerting.conflict` where the version is another by
   * now, and a RangeError where its history is full.
   */
  async change(kind: CaseKind, id: string, change: CaseChange, author: string): Promise<CaseState> {
    const news = await this.#database.transaction().execute(async (transaction) => {
      const now = this.#clock.now();
      const revision = await nextRevision(transaction, now);
      const before = stateOf(await this.#row(transaction, kind, id));
      if (change.version !== undefined && change.version !== before.version)
        throw conflict(kind, before.version, change.version);
      if (before.version >= caseLimits.history)
        throw new RangeError(`This ${kind} was changed ${caseLimits.history} times; its history is full.`);
      const { state, changes } = changed(before, change);
      const columns = { ...state, revision, copied: 0, updated_at: now };
      await transaction
        .insertInto("cases")
        .values({ kind, id, ...columns })
        .onConflict((of) => of.columns(["kind", "id"]).doUpdateSet(columns))
        .execute();
      const comment = change.comment ?? "";
      await transaction
        .insertInto("case_history")
        .values({
          ...{ kind, case_id: id, version: state.version, at: now, author },
          ...{ changes: JSON.stringify(changes), comment },
        })
        .execute();
      const detail = { version: state.version, changes, comment };
      await appendAudit(transaction, { author, action: `${kind}.change`, subject: id, detail }, now);
      return { kind, id, revision, ...state };
    });
    await this.#copy([news]).catch(() => undefined);
    return news;
  }

  /** Which of some are closed. */
  async closed(kind: CaseKind, ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.#database
      .selectFrom("cases")
      .select("id")
      .where("kind", "=", kind)
      .where("status", "=", "closed")
      .where("id", "in", ids.slice(0, 1_000))
      .execute();
    return new Set(rows.map(({ id }) => id));
  }

  /** The revision after which nothing happened yet. */
  revision(): Promise<number> {
    return currentRevision(this.#database);
  }

  /** Changes after a revision in their order, a page of them. */
  async since(revision: number): Promise<CaseNews[]> {
    const rows = await this.#database
      .selectFrom("cases")
      .selectAll()
      .where("revision", ">", revision)
      .orderBy("revision")
      .limit(pageRows)
      .execute();
    return rows.map(newsOf);
  }

  /** Copies what the store does not have yet, a page of it. Gives the number. */
  async copyMissing(): Promise<number> {
    const rows = await this.#database
      .selectFrom("cases")
      .selectAll()
      .where("copied", "=", 0)
      .orderBy("revision")
      .limit(pageRows)
      .execute();
    await this.#copy(rows.map(newsOf));
    return rows.length;
  }

  async #copy(news: readonly CaseNews[]): Promise<void> {
    if (news.length === 0) return;
    const changedAt = new Date(this.#clock.now()).toISOString();
    const rows = news.map(({ revision: _, ...row }) => ({ ...row, changedAt }));
    const token = news.map(({ kind, id, version }) => `${kind}/${id}/${version}`).join("\n");
    await this.#store.insertRows("case_states", rows, token);
    for (const { kind, id, version } of news)
      await this.#database
        .updateTable("cases")
        .set({ copied: 1 })
        .where("kind", "=", kind)
        .where("id", "=", id)
        .where("version", "=", version)
        .execute();
  }

  #row(from: ControlDatabase, kind: CaseKind, id: string): Promise<CaseRow | undefined> {
    return from
      .selectFrom("cases")
      .selectAll()
      .where("kind", "=", kind)
      .where("id", "=", id)
      .executeTakeFirst();
  }
}

const stateOf = (row: CaseRow | undefined): CaseState =>
  row === undefined
    ? freshCase
    : {
        ...{ status: row.status as CaseStatus, verdict: row.verdict },
        ...{ assignee: row.assignee, version: Number(row.version) },
      };

const newsOf = (row: CaseRow): CaseNews => ({
  ...{ kind: row.kind as CaseKind, id: row.id, revision: Number(row.revision) },
  ...stateOf(row),
});

const conflict = (kind: CaseKind, now: number, sent: number): VedetteError =>
  new VedetteError(
    "alerting.conflict",
    `This ${kind} is at version ${now} by now, not ${sent}: somebody else changed it.`,
    { verdict: "drop" },
  );

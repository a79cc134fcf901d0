import { ConfigError, type Problem } from "@vedette/core/config";
import { type Clock, VedetteError } from "@vedette/sdk";
import { appendAudit, type ControlDatabase, nextRevision, type WorkflowRow } from "../../control/index.ts";
import type { Known, Workflow } from "../workflow/index.ts";
import { loadTexts, readWorkflowTexts, type WorkflowText } from "./load.ts";

const table = "workflows";
const mostStored = 1_000;
const refreshMs = 2_000;

/** A workflow that people keep in the control database. */
export interface StoredWorkflow {
  readonly id: string;
  readonly yaml: string;
  /** Grows with every change. */
  readonly version: number;
  /** False for a draft: nothing starts it, and it may have mistakes. */
  readonly active: boolean;
  readonly changedBy: string;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
  /** Mistakes and doubts; an active one with mistakes, because something it needs is gone, does not run. */
  readonly problems: readonly Problem[];
}

interface CatalogDeps {
  readonly database: ControlDatabase;
  readonly clock: Clock;
  /** Files and folders of the configuration. */
  readonly paths: readonly string[];
  readonly known: Known;
}

/** The change of a stored workflow. */
export interface WorkflowChange {
  readonly id: string;
  readonly yaml: string;
  /** The version that was seen; 0 for a new one. */
  readonly version: number;
  readonly active: boolean;
  readonly by: string;
}

interface Files {
  readonly texts: readonly WorkflowText[];
  readonly workflows: ReadonlyMap<string, Workflow>;
  /** The file of each, by its id. */
  readonly places: ReadonlyMap<string, string>;
}

/** The workflows of a collector: those of its files, and the active ones of the control database. */
export class WorkflowCatalog {
  readonly #deps: CatalogDeps;
  #files: Files;
  #current: ReadonlyMap<string, Workflow>;
  #stored: readonly StoredWorkflow[] = [];
  #lookedAt = Number.NEGATIVE_INFINITY;
  #stamp = "";

  /** Reads the files. Throws a ConfigError where one is wrong. */
  constructor(deps: CatalogDeps) {
    this.#deps = deps;
    this.#files = this.#read();
    this.#current = this.#files.workflows;
  }

  /** Those that can be started now, by id. */
  get current(): ReadonlyMap<string, Workflow> {
    return this.#current;
  }

  /** Whether a workflow is one of the files. */
  isFiled(id: string): boolean {
    return this.#files.workflows.has(id);
  }

  /** Those of the control database, drafts too, as they were when they were looked at last. */
  get stored(): readonly StoredWorkflow[] {
    return this.#stored;
  }

  /** Reads the files again. Gives what takes them over; throws a ConfigError where one is wrong. */
  prepareFiles(): () => void {
    const files = this.#read();
    return () => {
      this.#files = files;
      this.#combine(this.#stored);
    };
  }

  /** Looks into the control database, at most every 2 s unless `now`. True where the workflows changed. */
  async refresh(now = false): Promise<boolean> {
    const { database, clock } = this.#deps;
    if (!now && Math.abs(clock.now() - this.#lookedAt) < refreshMs) return false;
    this.#lookedAt = clock.now();
    const stamps = await database.selectFrom(table).select(["id", "version"]).orderBy("id").execute();
    const stamp = JSON.stringify(stamps);
    if (stamp === this.#stamp) return false;
    const rows = await database.selectFrom(table).selectAll().orderBy("id").execute();
    this.#combine(rows.map((row) => storedOf(row)));
    this.#stamp = stamp;
    return true;
  }

  /** What is wrong with a text, beside all that is there; of that only the names are looked at, as it was read before. */
  check(id: string, yaml: string): readonly Problem[] {
    const own = { file: nameOf(id), text: yaml };
    const beside = new Map(this.#files.places);
    for (const other of this.#stored)
      if (other.id !== id && other.active && !beside.has(other.id)) beside.set(other.id, nameOf(other.id));
    const loaded = loadTexts([own], this.#deps.known, beside);
    const problems = loaded.problems.filter(({ file }) => file === own.file);
    const ids = loaded.workflows.flatMap((each) => (each.file === own.file ? [each.workflow.id] : []));
    if (problems.some(({ severity }) => severity !== "warning")) return problems;
    if (ids.length === 1 && ids[0] === id) return problems;
    const message =
      ids.length === 1
        ? `The id is ${ids[0]}, and the workflow is kept as ${id}.`
        : `One workflow is kept under one id; there are ${ids.length}.`;
    return [...problems, { file: own.file, path: "id", message, line: 1, column: 1 }];
  }

  /**
   * Keeps a workflow. Throws a ConfigError for one that is to be active and has mistakes, `connection.conflict` where it is
   * one of the files or somebody else was faster, and a RangeError over the bounds.
   */
  async put({ id, yaml, version, active, by }: WorkflowChange): Promise<StoredWorkflow> {
    const { database, clock } = this.#deps;
    if (this.isFiled(id)) throw conflict(`The workflow "${id}" is in a file; change it there.`);
    const problems = this.check(id, yaml);
    if (active) refuse(problems);
    const now = clock.now();
    await database.transaction().execute(async (transaction) => {
      await nextRevision(transaction, now);
      const rows = await transaction.selectFrom(table).select(["id", "version"]).execute();
      const before = Number(rows.find((row) => row.id === id)?.version ?? 0);
      if (before !== version)
        throw conflict(`The workflow "${id}" is at version ${before} by now, not ${version}.`);
      if (before === 0 && rows.length >= mostStored)
        throw new RangeError(`There are ${mostStored} workflows already; remove some.`);
      const values = {
        ...{ yaml, version: version + 1, active: active ? 1 : 0, changed_by: by, changed_at: now },
      };
      await transaction
        .insertInto(table)
        .values({ id, ...values })
        .onConflict((on) => on.column("id").doUpdateSet(values))
        .execute();
      const action = before === 0 ? "workflow.create" : "workflow.change";
      const detail = { version: version + 1, active };
      await appendAudit(transaction, { author: by, action, subject: id, detail }, now);
    });
    await this.refresh(true);
    return { id, yaml, version: version + 1, active, changedBy: by, changedAt: now, problems };
  }

  /** False where there is none. Jobs under way keep it. */
  async remove(id: string, by: string): Promise<boolean> {
    const { database, clock } = this.#deps;
    const removed = await database.transaction().execute(async (transaction) => {
      await nextRevision(transaction, clock.now());
      const { numDeletedRows } = await transaction.deleteFrom(table).where("id", "=", id).executeTakeFirst();
      if (numDeletedRows === 0n) return false;
      const entry = { author: by, action: "workflow.remove", subject: id, detail: {} };
      await appendAudit(transaction, entry, clock.now());
      return true;
    });
    await this.refresh(true);
    return removed;
  }

  #read(): Files {
    const { texts, problems: unread } = readWorkflowTexts(this.#deps.paths);
    const { workflows, problems } = loadTexts(texts, this.#deps.known);
    refuse([...unread, ...problems]);
    return {
      texts,
      workflows: new Map(workflows.map(({ workflow }) => [workflow.id, workflow])),
      places: new Map(workflows.map(({ workflow, file }) => [workflow.id, file])),
    };
  }

  /** Files first; a stored one of the same id, or with mistakes, does not run and says why. */
  #combine(stored: readonly Omit<StoredWorkflow, "problems">[]): void {
    const active = stored.filter(({ active: is }) => is).map(textOf);
    const { workflows, problems } = loadTexts([...this.#files.texts, ...active], this.#deps.known);
    this.#current = new Map(workflows.map(({ workflow }) => [workflow.id, workflow]));
    // A draft is looked at beside those that are active now.
    this.#stored = stored.map((each) => ({ ...each, problems: [] }));
    this.#stored = this.#stored.map((each) => ({
      ...each,
      problems: each.active
        ? problems.filter(({ file }) => file === nameOf(each.id))
        : this.check(each.id, each.yaml),
    }));
  }
}

const nameOf = (id: string): string => `workflow ${id}`;
const textOf = ({ id, yaml }: { readonly id: string; readonly yaml: string }): WorkflowText => ({
  ...{ file: nameOf(id), text: yaml },
});

function refuse(problems: readonly Problem[]): void {
  const wrong = problems.filter(({ severity }) => severity !== "warning");
  if (wrong.length > 0) throw new ConfigError(wrong);
}

const storedOf = (row: WorkflowRow): Omit<StoredWorkflow, "problems"> => ({
  ...{ id: row.id, yaml: row.yaml, version: Number(row.version), active: Number(row.active) === 1 },
  ...{ changedBy: row.changed_by, changedAt: Number(row.changed_at) },
});

const conflict = (message: string): VedetteError =>
  new VedetteError("connection.conflict", message, { verdict: "drop" });

import { uuidv7 } from "@vedette/core/batch";
import { type Clock, VedetteError } from "@vedette/sdk";
import { appendAudit, type ControlDatabase, nextRevision } from "../control/index.ts";
import { type Control, type ControlBody, type ControlKind, controlLimits } from "./controls.ts";

const table = "alert_controls";

/** Silences, maintenance windows and exceptions in the control database. Every change is audited. */
export interface ControlStore {
  /** Those of a kind, or all; the newest first. */
  list(kind?: ControlKind): Promise<Control[]>;
  /** Throws `alerting.unknown`. */
  get(kind: ControlKind, id: string): Promise<Control>;
  /** `body` fits the schema of the kind. Throws a RangeError where there are too many that are not over. */
  create(kind: ControlKind, body: ControlBody, author: string): Promise<Control>;
  /** Replaces a version. Throws `alerting.unknown`, `alerting.conflict`. */
  update(kind: ControlKind, id: string, version: number, body: ControlBody, author: string): Promise<Control>;
  /** Ends it now; it stays to be read. Throws `alerting.unknown`, and `alerting.conflict` where it was over already. */
  end(kind: ControlKind, id: string, author: string): Promise<Control>;
}

interface Document extends ControlBody {
  readonly author: string;
}

export function controlStore(database: ControlDatabase, clock: Clock): ControlStore {
  const find = async (from: ControlDatabase, kind: ControlKind, id: string): Promise<Control> => {
    const row = await from
      .selectFrom(table)
      .selectAll()
      .where("id", "=", id)
      .where("kind", "=", kind)
      .executeTakeFirst();
    if (row) return controlOf(row);
    throw new VedetteError("alerting.unknown", `There is no ${kind} "${id.slice(0, 80)}".`, {
      verdict: "drop",
    });
  };
  const change = <T>(
    work: (transaction: ControlDatabase, now: number, revision: number) => Promise<T>,
  ): Promise<T> =>
    database.transaction().execute(async (transaction) => {
      const now = clock.now();
      return work(transaction, now, await nextRevision(transaction, now));
    });
  const write = async (
    transaction: ControlDatabase,
    control: Control,
    revision: number,
    { action, author }: { readonly action: string; readonly author: string },
  ): Promise<Control> => {
    const columns = {
      kind: control.kind,
      document: JSON.stringify(documentOf(control)),
      ends_at: control.endsAt ?? null,
      version: control.version,
      revision,
      updated_at: control.updatedAt,
    };
    await transaction
      .insertInto(table)
      .values({ id: control.id, created_at: control.createdAt, ...columns })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(columns))
      .execute();
    const detail = { version: control.version, ...documentOf(control) };
    await appendAudit(
      transaction,
      { author, action: `${control.kind}.${action}`, subject: control.id, detail },
      control.updatedAt,
    );
    return control;
  };

  return {
    async list(kind) {
      let query = database.selectFrom(table).selectAll().orderBy("created_at", "desc").orderBy("id", "desc");
      if (kind !== undefined) query = query.where("kind", "=", kind);
      return (await query.limit(controlLimits.kept + controlLimits.active).execute()).map(controlOf);
    },

    get: (kind, id) => find(database, kind, id),

    create: (kind, body, author) =>
      change(async (transaction, now, revision) => {
        await makeRoom(transaction, now);
        const times = timesOf(kind, body, now, now);
        const made: Control = {
          ...{ id: uuidv7(now), kind, author, comment: body.comment, matchers: body.matchers, ...times },
          ...{ version: 1, createdAt: now, updatedAt: now },
        };
        return write(transaction, made, revision, { action: "create", author });
      }),

    update: (kind, id, version, body, author) =>
      change(async (transaction, now, revision) => {
        const before = await find(transaction, kind, id);
        if (before.version !== version)
          throw conflict(
            `It is at version ${before.version} by now, not ${version}: somebody else changed it.`,
          );
        const times = timesOf(kind, body, now, before.startsAt);
        const { weekly: _, ...rest } = before;
        const changed: Control = {
          ...{ ...rest, comment: body.comment, matchers: body.matchers, ...times },
          ...{ version: version + 1, updatedAt: now },
        };
        return write(transaction, changed, revision, { action: "change", author });
      }),

    end: (kind, id, author) =>
      change(async (transaction, now, revision) => {
        const before = await find(transaction, kind, id);
        if (before.endsAt !== undefined && before.endsAt <= now)
          throw conflict(`This ${kind} is over already.`);
        const ended: Control = { ...before, endsAt: now, version: before.version + 1, updatedAt: now };
        return write(transaction, ended, revision, { action: "end", author });
      }),
  };
}

/** Refuses more than may be there, and lets the oldest of those go that are over. */
async function makeRoom(transaction: ControlDatabase, now: number): Promise<void> {
  const rows = await transaction
    .selectFrom(table)
    .select(["id", "ends_at"])
    .orderBy("updated_at", "desc")
    .execute();
  const over = rows.filter(({ ends_at }) => ends_at !== null && Number(ends_at) <= now);
  if (rows.length - over.length >= controlLimits.active)
    throw new RangeError(`There are ${controlLimits.active} of them already; end some first.`);
  const old = over.slice(controlLimits.kept - 1).map(({ id }) => id);
  for (let at = 0; at < old.length; at += 500)
    await transaction
      .deleteFrom(table)
      .where("id", "in", old.slice(at, at + 500))
      .execute();
}

function timesOf(
  kind: ControlKind,
  body: ControlBody,
  now: number,
  startsAt: number,
): Pick<Control, "startsAt" | "endsAt" | "weekly"> {
  const start = body.startsAt === undefined ? startsAt : Date.parse(body.startsAt);
  const endsAt = body.endsAt === undefined ? undefined : Date.parse(body.endsAt);
  if (endsAt !== undefined && endsAt <= now)
    throw new RangeError("It would be over already: endsAt is in the past.");
  if (kind !== "maintenance" && endsAt !== undefined && endsAt - now > controlLimits.days * 86_400_000)
    throw new RangeError(`It may last ${controlLimits.days} days at most; then look at it again.`);
  return { startsAt: start, endsAt, ...(body.weekly && { weekly: body.weekly }) };
}

const conflict = (message: string): VedetteError =>
  new VedetteError("alerting.conflict", message, { verdict: "drop" });

const iso = (time: number): string => new Date(time).toISOString();

const documentOf = ({ author, comment, matchers, startsAt, endsAt, weekly }: Control): Document => ({
  ...{ author, comment, matchers, startsAt: iso(startsAt) },
  ...(endsAt !== undefined && { endsAt: iso(endsAt) }),
  ...(weekly && { weekly }),
});

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly document: string;
  readonly ends_at: number | null;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
}

function controlOf(row: Row): Control {
  const { author, comment, matchers, startsAt = "", weekly } = JSON.parse(row.document) as Document;
  return {
    ...{ id: row.id, kind: row.kind as ControlKind, author, comment, matchers },
    startsAt: Date.parse(startsAt),
    endsAt: row.ends_at === null ? undefined : Number(row.ends_at),
    ...(weekly && { weekly }),
    ...{ version: Number(row.version), createdAt: Number(row.created_at), updatedAt: Number(row.updated_at) },
  };
}

import { createHash } from "node:crypto";
import { type AuditStart, auditStart } from "./audit-start.ts";
import type { ControlDatabase } from "./database.ts";
import { nextRevision } from "./revision.ts";

/** What somebody did, for those who ask later. */
export interface AuditEntry {
  /** Name of the API key, `local` where none was needed, `vedette` where nobody did it. */
  readonly author: string;
  /** Such as `silence.create`. */
  readonly action: string;
  readonly subject: string;
  readonly detail: unknown;
}

/** An entry as it stands in the trail. `at` in milliseconds since 1970. */
export interface AuditRecord extends AuditEntry {
  readonly seq: number;
  readonly at: number;
  readonly hash: string;
}

/**
 * Adds an entry to the trail. Call it in the transaction of what it tells, behind `nextRevision` or `takeAuditTurn`, whose lock keeps entries in one
 * line: each has the hash of the one before in its own, so one that is changed or taken out later is noticed.
 */
export async function appendAudit(
  transaction: ControlDatabase,
  { author, action, subject, detail }: AuditEntry,
  now: number,
): Promise<void> {
  const last = await transaction
    .selectFrom("audit")
    .select(["seq", "hash"])
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
  const row = { seq: Number(last?.seq ?? 0) + 1, at: now, author, action, subject };
  const whole = { ...row, detail: JSON.stringify(detail) };
  await transaction
    .insertInto("audit")
    .values({ ...whole, hash: hashOf(last?.hash ?? "", whole) })
    .execute();
}

/** Adds an entry about what no transaction of the control database did. */
export const writeAudit = (database: ControlDatabase, entry: AuditEntry, now: number): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    await nextRevision(transaction, now);
    await appendAudit(transaction, entry, now);
  });

interface Hashed {
  readonly seq: number;
  readonly at: number;
  readonly author: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
}

const hashOf = (before: string, { seq, at, author, action, subject, detail }: Hashed): string =>
  createHash("sha256")
    .update(JSON.stringify([before, Number(seq), Number(at), author, action, subject, detail]))
    .digest("hex");

/** Entries before a place, the newest first. */
export async function readAudit(
  database: ControlDatabase,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<AuditRecord[]> {
  let query = database.selectFrom("audit").selectAll().orderBy("seq", "desc").limit(limit);
  if (before !== undefined) query = query.where("seq", "<", before);
  return (await query.execute()).map((row) => ({
    ...row,
    seq: Number(row.seq),
    at: Number(row.at),
    detail: JSON.parse(row.detail) as unknown,
  }));
}

const pageRows = 1_000;

/**
 * The first entry that does not follow from the one before it; undefined where the whole trail does. A trail whose beginning was
 * cut off for its age has to tell so itself.
 */
export async function verifyAudit(database: ControlDatabase): Promise<number | undefined> {
  const start = await auditStart(database);
  let before = start ?? { seq: 0, hash: "" };
  let told = start === undefined;
  for (;;) {
    const rows = await database
      .selectFrom("audit")
      .selectAll()
      .where("seq", ">", before.seq)
      .orderBy("seq")
      .limit(pageRows)
      .execute();
    for (const row of rows) {
      const follows = Number(row.seq) === before.seq + 1 && row.hash === hashOf(before.hash, row);
      if (!follows) return Number(row.seq);
      told ||= row.action === pruned && tellsOf(row.detail, start!);
      before = { seq: Number(row.seq), hash: row.hash };
    }
    if (rows.length < pageRows) return told ? undefined : start!.seq + 1;
  }
}

/** The action of an entry that tells of others which were cut off. */
export const pruned = "audit.prune";

function tellsOf(detail: string, { seq, hash }: AuditStart): boolean {
  const { through } = JSON.parse(detail) as { through?: AuditStart };
  return through?.seq === seq && through.hash === hash;
}

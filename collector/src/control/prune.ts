import { appendAudit, pruned } from "./audit.ts";
import { setAuditStart } from "./audit-start.ts";
import type { ControlDatabase } from "./database.ts";
import { nextRevision } from "./revision.ts";

/** How long the control database keeps what only grows; 0 keeps it for ever. */
export interface ControlKeep {
  readonly auditDays: number;
  readonly caseHistoryDays: number;
}

const dayMs = 86_400_000;
/** Most rows of a kind that one call deletes: a transaction is not to keep others waiting. */
const most = 2_000;

/**
 * Deletes what is older than it is to be kept: the beginning of the audit trail, and what was done to alerts and incidents that
 * are closed since. How these stand is kept. Gives the rows deleted; call it again while there are some.
 */
export async function pruneControl(
  database: ControlDatabase,
  { auditDays, caseHistoryDays }: ControlKeep,
  now: number,
): Promise<{ readonly audit: number; readonly caseHistory: number }> {
  return {
    audit: auditDays === 0 ? 0 : await pruneAudit(database, now - auditDays * dayMs, now),
    caseHistory: caseHistoryDays === 0 ? 0 : await pruneHistory(database, now - caseHistoryDays * dayMs),
  };
}

/** What is cut off is told in the trail itself, with the hash that the rest follows from. The last entry stays. */
function pruneAudit(database: ControlDatabase, before: number, now: number): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const old = await transaction
      .selectFrom("audit")
      .select(["seq", "hash", "at"])
      .orderBy("seq")
      .limit(most + 1)
      .execute();
    // Only a beginning: times may go back where clocks do.
    const end = old.findIndex(({ at }) => Number(at) >= before);
    const count = Math.min(end < 0 ? old.length - 1 : end, most);
    const last = old[count - 1];
    // One entry that tells of one is no gain.
    if (!last || count < 2) return 0;
    await nextRevision(transaction, now);
    const through = { seq: Number(last.seq), hash: last.hash };
    await transaction.deleteFrom("audit").where("seq", "<=", through.seq).execute();
    await setAuditStart(transaction, through, now);
    const entry = { author: "vedette", action: pruned, subject: "audit", detail: { through, count } };
    await appendAudit(transaction, entry, now);
    return count;
  });
}

async function pruneHistory(database: ControlDatabase, before: number): Promise<number> {
  const old = await database
    .selectFrom("case_history")
    .innerJoin("cases", (join) =>
      join.onRef("cases.kind", "=", "case_history.kind").onRef("cases.id", "=", "case_history.case_id"),
    )
    .select(["case_history.kind", "case_history.case_id", "case_history.version"])
    .where("cases.status", "=", "closed")
    .where("cases.updated_at", "<", before)
    .limit(most)
    .execute();
  if (old.length === 0) return 0;
  await database.transaction().execute(async (transaction) => {
    for (const { kind, case_id, version } of old)
      await transaction
        .deleteFrom("case_history")
        .where("kind", "=", kind)
        .where("case_id", "=", case_id)
        .where("version", "=", version)
        .execute();
  });
  return old.length;
}

import type { ControlDatabase } from "./database.ts";

const name = "alerting.revision";

/**
 * The number of the next change to what alerts are judged by. Nobody else gets one until this transaction ends, so changes are
 * seen in the order of their numbers: who knows all up to one needs only those after it.
 */
export async function nextRevision(transaction: ControlDatabase, now: number): Promise<number> {
  await takeAuditTurn(transaction, now);
  const next = (await currentRevision(transaction)) + 1;
  await transaction
    .updateTable("settings")
    .set({ value: String(next) })
    .where("name", "=", name)
    .execute();
  return next;
}

/** The number of the last change; 0 before the first. */
export async function currentRevision(database: ControlDatabase): Promise<number> {
  const row = await database
    .selectFrom("settings")
    .select("value")
    .where("name", "=", name)
    .executeTakeFirst();
  return Number(row?.value ?? 0);
}

/** The lock of `nextRevision` without a new number: for changes that alerts are not judged by, and that are audited. */
export async function takeAuditTurn(transaction: ControlDatabase, now: number): Promise<void> {
  // Written first: that takes the lock in SQLite and in PostgreSQL alike, before anything is read.
  await transaction
    .insertInto("settings")
    .values({ name, value: "0", updated_at: now })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ updated_at: now }))
    .execute();
}

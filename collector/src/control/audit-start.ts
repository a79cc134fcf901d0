import type { ControlDatabase } from "./database.ts";

/** The last entry that was cut off: the first one that is there follows from it. */
export interface AuditStart {
  readonly seq: number;
  readonly hash: string;
}

const name = "audit.start";

/** Undefined where the trail is there from its first entry. */
export async function auditStart(database: ControlDatabase): Promise<AuditStart | undefined> {
  const row = await database
    .selectFrom("settings")
    .select("value")
    .where("name", "=", name)
    .executeTakeFirst();
  return row && (JSON.parse(row.value) as AuditStart);
}

export async function setAuditStart(
  database: ControlDatabase,
  start: AuditStart,
  now: number,
): Promise<void> {
  const value = JSON.stringify(start);
  await database
    .insertInto("settings")
    .values({ name, value, updated_at: now })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value, updated_at: now }))
    .execute();
}

import { appendAudit, type ControlDatabase, takeAuditTurn } from "../../../control/index.ts";

const name = "actions.kill";

/** While it is on nothing new is done; what stands is still undone in time. */
export interface KillSwitch {
  readonly on: boolean;
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since 1970; 0 where it never was on. */
  readonly at: number;
}

/** How it stands now. */
export async function killSwitch(database: ControlDatabase): Promise<KillSwitch> {
  const row = await database
    .selectFrom("settings")
    .select("value")
    .where("name", "=", name)
    .executeTakeFirst();
  return row ? (JSON.parse(row.value) as KillSwitch) : { on: false, by: "", reason: "", at: 0 };
}

/** Turns it, and says so in the audit trail. */
export async function turnKillSwitch(
  database: ControlDatabase,
  change: { readonly on: boolean; readonly by: string; readonly reason: string },
  now: number,
): Promise<KillSwitch> {
  const next = { ...change, at: now };
  await database.transaction().execute(async (transaction) => {
    await takeAuditTurn(transaction, now);
    const value = JSON.stringify(next);
    await transaction
      .insertInto("settings")
      .values({ name, value, updated_at: now })
      .onConflict((conflict) => conflict.column("name").doUpdateSet({ value, updated_at: now }))
      .execute();
    const entry = { action: `actions.kill-switch.${change.on ? "on" : "off"}`, subject: "actions" };
    await appendAudit(transaction, { author: change.by, ...entry, detail: { reason: change.reason } }, now);
  });
  return next;
}

import type { ControlDatabase } from "./database.ts";

/**
 * Waits until no other transaction seals, on every collector of the database, and keeps the turn until this one ends. What
 * seals takes it before it seals: a rotation can then know that nothing sealed with the old key is still on its way.
 */
export async function takeSealingTurn(transaction: ControlDatabase, now: number): Promise<void> {
  // A row that everyone writes is a lock that SQLite and PostgreSQL both have, and that ends with its transaction.
  await transaction
    .insertInto("settings")
    .values({ name: "secrets.turn", value: "null", updated_at: now })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ updated_at: now }))
    .execute();
}

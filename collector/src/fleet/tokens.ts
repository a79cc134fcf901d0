import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { EnrolToken } from "@vedette/proto/enrol";
import { writeToken } from "@vedette/proto/enrol";
import type { Clock } from "@vedette/sdk";
import { appendAudit, type ControlDatabase, type EnrolTokenRow, takeAuditTurn } from "../control/index.ts";

/** What a token lets be enrolled. */
export interface NewToken {
  readonly uses: number;
  /** In milliseconds. */
  readonly lifeMs: number;
  /** Only this agent, which may have been enrolled before. Default: any that was not. */
  readonly agent: string | undefined;
}

/** A token without its secret. Times are milliseconds since 1970. */
export interface TokenEntry {
  readonly id: string;
  readonly agent?: string;
  readonly uses: number;
  readonly used: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revokedAt?: number;
}

const table = "enrol_tokens";
const mostTokens = 1_000;
const author = "local";

export const hashOf = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** Makes a token. The text is the only place where its secret ever is. Throws a RangeError over the bound of tokens. */
export async function makeToken(
  database: ControlDatabase,
  authority: Buffer,
  { uses, lifeMs, agent }: NewToken,
  clock: Clock,
): Promise<{ readonly text: string; readonly entry: TokenEntry }> {
  const parts: EnrolToken = { authority, id: randomBytes(8), secret: randomBytes(24) };
  const now = clock.now();
  const row: EnrolTokenRow = {
    ...{ id: parts.id.toString("hex"), hash: hashOf(parts.secret).toString("hex"), agent: agent ?? null },
    ...{ uses, used: 0, created_at: now, expires_at: now + lifeMs, revoked_at: null },
  };
  await database.transaction().execute(async (transaction) => {
    await takeAuditTurn(transaction, now);
    // Those that are long over are of no use to anybody; the trail keeps what they did.
    await transaction
      .deleteFrom(table)
      .where("expires_at", "<", now - 30 * 86_400_000)
      .execute();
    const { total } = await transaction
      .selectFrom(table)
      .select((query) => query.fn.countAll<number>().as("total"))
      .executeTakeFirstOrThrow();
    if (Number(total) >= mostTokens) throw new RangeError(`There are ${mostTokens} tokens already.`);
    await transaction.insertInto(table).values(row).execute();
    const detail = { uses, expiresAt: row.expires_at, agent: agent ?? null };
    await appendAudit(transaction, { author, action: "agent.token.create", subject: row.id, detail }, now);
  });
  return { text: writeToken(parts), entry: entryOf(row) };
}

/** All tokens of the last month, the newest first. */
export async function listTokens(database: ControlDatabase): Promise<TokenEntry[]> {
  const rows = await database.selectFrom(table).selectAll().orderBy("created_at", "desc").execute();
  return rows.map(entryOf);
}

/** Ends a token at once; false where there is none that could still be used. */
export function revokeToken(database: ControlDatabase, id: string, clock: Clock): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    const now = clock.now();
    await takeAuditTurn(transaction, now);
    const { numUpdatedRows } = await transaction
      .updateTable(table)
      .set({ revoked_at: now })
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await appendAudit(transaction, { author, action: "agent.token.revoke", subject: id, detail: {} }, now);
    return true;
  });
}

/** The token of an identifier, where the secret is its own; looked at in constant time. */
export async function findToken(
  transaction: ControlDatabase,
  id: Uint8Array,
  secret: Uint8Array,
): Promise<EnrolTokenRow | undefined> {
  const row = await transaction
    .selectFrom(table)
    .selectAll()
    .where("id", "=", Buffer.from(id).toString("hex"))
    .executeTakeFirst();
  const kept = Buffer.from(row?.hash ?? "00".repeat(32), "hex");
  return timingSafeEqual(kept, hashOf(secret)) ? row : undefined;
}

const entryOf = (row: EnrolTokenRow): TokenEntry => ({
  id: row.id,
  ...(row.agent !== null && { agent: row.agent }),
  ...{ uses: Number(row.uses), used: Number(row.used) },
  ...{ createdAt: Number(row.created_at), expiresAt: Number(row.expires_at) },
  ...(row.revoked_at !== null && { revokedAt: Number(row.revoked_at) }),
});

import type { Clock } from "@vedette/sdk";
import { appendAudit, type ControlDatabase, type EnrolledRow, takeAuditTurn } from "../control/index.ts";
import { findToken, hashOf } from "./tokens.ts";

/** An agent that was enrolled. Times are milliseconds since 1970. */
export interface EnrolledAgent {
  readonly id: string;
  readonly host: string;
  readonly version: string;
  readonly enrolledAt: number;
  /** When its newest certificate ends. */
  readonly endsAt: number;
  readonly seenAt?: number;
  readonly revokedAt?: number;
}

/** Who asks for a certificate with a token. */
export interface Applicant {
  readonly tokenId: Uint8Array;
  readonly secret: Uint8Array;
  readonly agentId: string;
  readonly host: string;
  readonly version: string;
  /** Its public key, DER. */
  readonly key: Buffer;
}

/** A certificate that goes with a decision. */
interface Issue<T> {
  readonly serial: string;
  readonly endsAt: number;
  readonly issued: T;
}

/** Why no certificate is given, a sentence for whoever asked. */
export class Refusal extends Error {
  /** For counters. */
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

const table = "agents";
const author = "local";

/**
 * Gives an applicant what `issue` makes, and takes a use of its token, both or neither. The same key with the same token gets
 * another certificate without a further use: its answer may have been lost. Throws a Refusal.
 */
export function enrol<T>(
  database: ControlDatabase,
  applicant: Applicant,
  issue: () => Promise<Issue<T>>,
  clock: Clock,
): Promise<T> {
  return database.transaction().execute(async (transaction) => {
    const now = clock.now();
    // First of all: of two that come with the last use of a token, one waits here and finds it used up.
    await takeAuditTurn(transaction, now);
    const { agentId, host, version } = applicant;
    const token = await findToken(transaction, applicant.tokenId, applicant.secret);
    // One sentence for every token that cannot be used at all: who guesses learns nothing.
    if (!token || token.revoked_at !== null)
      throw new Refusal("token", "The token is not known, or was revoked.");
    const before = await transaction
      .selectFrom(table)
      .selectAll()
      .where("id", "=", agentId)
      .executeTakeFirst();
    const keyHash = hashOf(applicant.key).toString("hex");
    const again = before?.token === token.id && before.key_hash === keyHash;
    if (Number(token.expires_at) <= now) throw new Refusal("token_expired", "The token has expired.");
    if (!again && Number(token.used) >= Number(token.uses))
      throw new Refusal("token_used", "The token has been used as often as it may be.");
    if (token.agent !== null && token.agent !== agentId)
      throw new Refusal("token_agent", `The token is for the agent "${token.agent}", not for "${agentId}".`);
    if (before && before.revoked_at !== null) throw new Refusal("revoked", revokedSentence(agentId));
    if (before && !again && token.agent === null) {
      const cure = `Only a token made for it may enrol it again: vedette agents token --agent ${agentId}`;
      throw new Refusal("taken", `There is an agent "${agentId}" already. ${cure}`);
    }
    const { serial, endsAt, issued } = await issue();
    if (!again)
      await transaction
        .updateTable("enrol_tokens")
        .set({ used: Number(token.used) + 1 })
        .where("id", "=", token.id)
        .execute();
    const state = {
      host,
      version,
      token: token.id,
      key_hash: keyHash,
      serial,
      ends_at: endsAt,
      enrolled_at: now,
    };
    await transaction
      .insertInto(table)
      .values({ id: agentId, ...state, seen_at: null, revoked_at: null })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(state))
      .execute();
    const entry = { action: "agent.enrol", subject: agentId, detail: { host, token: token.id, serial } };
    await appendAudit(transaction, { author: `token ${token.id}`, ...entry }, now);
    return issued;
  });
}

/** Notes the certificate that a known agent got in place of its last one. Throws a Refusal where it is revoked or not known. */
export async function noteRenewal(
  database: ControlDatabase,
  agentId: string,
  { serial, endsAt }: { readonly serial: string; readonly endsAt: number },
): Promise<void> {
  const { numUpdatedRows } = await database
    .updateTable(table)
    .set({ serial, ends_at: endsAt })
    .where("id", "=", agentId)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new Refusal("revoked", revokedSentence(agentId));
}

export const revokedSentence = (agentId: string): string =>
  `The agent "${agentId}" was revoked. Whoever runs the collector may lift that: vedette agents revoke --undo ${agentId}`;

/** All enrolled agents by their name. */
export async function listAgents(database: ControlDatabase): Promise<EnrolledAgent[]> {
  const rows = await database.selectFrom(table).selectAll().orderBy("id").execute();
  return rows.map(agentOf);
}

/** Revokes an agent, or lifts that; false where there is none that this changes. */
export function setRevoked(
  database: ControlDatabase,
  id: string,
  revoked: boolean,
  clock: Clock,
): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    const now = clock.now();
    await takeAuditTurn(transaction, now);
    const { numUpdatedRows } = await transaction
      .updateTable(table)
      .set({ revoked_at: revoked ? now : null })
      .where("id", "=", id)
      .where("revoked_at", revoked ? "is" : "is not", null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    const action = revoked ? "agent.revoke" : "agent.revoke.undo";
    await appendAudit(transaction, { author, action, subject: id, detail: {} }, now);
    return true;
  });
}

/** The names of all that are revoked. */
export async function revokedAgents(database: ControlDatabase): Promise<Set<string>> {
  const rows = await database.selectFrom(table).select("id").where("revoked_at", "is not", null).execute();
  return new Set(rows.map(({ id }) => id));
}

const chunk = 500;

/** Notes that agents are connected at `now`. */
export async function noteSeen(
  database: ControlDatabase,
  ids: readonly string[],
  now: number,
): Promise<void> {
  for (let at = 0; at < ids.length; at += chunk)
    await database
      .updateTable(table)
      .set({ seen_at: now })
      .where("id", "in", ids.slice(at, at + chunk))
      .execute();
}

const agentOf = (row: EnrolledRow): EnrolledAgent => ({
  ...{ id: row.id, host: row.host, version: row.version },
  ...{ enrolledAt: Number(row.enrolled_at), endsAt: Number(row.ends_at) },
  ...(row.seen_at !== null && { seenAt: Number(row.seen_at) }),
  ...(row.revoked_at !== null && { revokedAt: Number(row.revoked_at) }),
});

import { hash, randomBytes } from "node:crypto";
import type { ControlDatabase } from "../../control/index.ts";

/** What a token lets its bearer do: answer one question, once, from one channel. Times in milliseconds since 1970. */
export interface Token {
  readonly job: string;
  readonly step: string;
  readonly channel: string;
  /** The one answer it gives; undefined where its bearer chooses. */
  readonly answer: string | undefined;
  readonly expiresAt: number;
}

const digestOf = (secret: string): string => hash("sha256", secret);

/** Makes a token and gives its secret, which is kept nowhere: 144 bits by chance, so nobody guesses one. */
export async function makeToken(transaction: ControlDatabase, token: Token): Promise<string> {
  const secret = randomBytes(18).toString("base64url");
  const { job, step, channel, answer, expiresAt } = token;
  await transaction
    .insertInto("question_tokens")
    .values({
      ...{ digest: digestOf(secret), job_id: job, step, channel },
      ...{ answer: answer ?? null, expires_at: expiresAt },
    })
    .execute();
  return secret;
}

/** The token of a secret; undefined where there is none, or its time is over. */
export async function findToken(
  database: ControlDatabase,
  secret: string,
  now: number,
): Promise<Token | undefined> {
  const row = await database
    .selectFrom("question_tokens")
    .selectAll()
    .where("digest", "=", digestOf(secret))
    .executeTakeFirst();
  if (!row || Number(row.expires_at) <= now) return undefined;
  const { job_id: job, step, channel, answer } = row;
  return { job, step, channel, answer: answer ?? undefined, expiresAt: Number(row.expires_at) };
}

/** Ends all tokens of a question, and those whose time is over. */
export async function endTokens(
  database: ControlDatabase,
  { job, step }: Pick<Token, "job" | "step">,
  now: number,
): Promise<void> {
  await database
    .deleteFrom("question_tokens")
    .where((of) =>
      of.or([of("expires_at", "<=", now), of.and([of("job_id", "=", job), of("step", "=", step)])]),
    )
    .execute();
}

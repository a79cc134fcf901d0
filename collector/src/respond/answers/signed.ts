import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** An answer as a channel brings it: which token, who, and what was chosen where the token leaves that open. */
export interface Brought {
  readonly token: string;
  /** Who answers, by an id that the other side gives. */
  readonly person: string;
  /** The same for people. */
  readonly name: string;
  readonly answer: string | undefined;
}

/** The headers that say who sent a body, and when. */
export interface SignedHeaders {
  readonly slackSignature?: string | undefined;
  readonly slackTimestamp?: string | undefined;
  readonly signature?: string | undefined;
  readonly timestamp?: string | undefined;
}

/** Older or newer than this a signed body is none: somebody may have kept it. */
const validMs = 300_000;

const text = (most: number) => z.string().min(1).max(most);
const own = z.strictObject({
  token: text(100),
  by: text(200),
  name: text(200).optional(),
  answer: text(100).optional(),
});
const pressed = z.object({
  type: z.literal("block_actions"),
  user: z.object({
    id: text(100),
    username: z.string().max(200).optional(),
    name: z.string().max(200).optional(),
  }),
  actions: z
    .array(z.object({ value: text(100) }))
    .min(1)
    .max(1),
});

const same = (given: string, wanted: string): boolean => {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
};

const inTime = (seconds: string, now: number): boolean =>
  /^\d{1,12}$/.test(seconds) && Math.abs(now - Number(seconds) * 1_000) <= validMs;

/**
 * Opens a body that a channel signed: a button that was pressed in Slack, or our own JSON. Undefined where the signature is not of
 * this body, or not of now. Throws a SyntaxError where a body that is signed cannot be understood.
 */
export function openSigned(
  body: string,
  headers: SignedHeaders,
  key: string,
  now: number,
): Brought | undefined {
  const { slackSignature, slackTimestamp, signature, timestamp } = headers;
  if (slackSignature !== undefined) {
    const at = slackTimestamp ?? "";
    const wanted = `v0=${createHmac("sha256", key).update(`v0:${at}:${body}`).digest("hex")}`;
    if (!inTime(at, now) || !same(slackSignature, wanted)) return undefined;
    const { user, actions } = read(pressed, new URLSearchParams(body).get("payload") ?? "");
    const name = user.username ?? user.name ?? user.id;
    return { token: actions[0]!.value, person: user.id, name, answer: undefined };
  }
  const at = timestamp ?? "";
  const wanted = `v1=${createHmac("sha256", key).update(`${at}.${body}`).digest("hex")}`;
  if (signature === undefined || !inTime(at, now) || !same(signature, wanted)) return undefined;
  const { token, by, name = by, answer } = read(own, body);
  return { token, person: by, name, answer };
}

function read<Schema extends z.ZodType>(schema: Schema, json: string): z.infer<Schema> {
  const parsed = schema.safeParse(JSON.parse(json));
  if (parsed.success) return parsed.data;
  throw new SyntaxError(z.prettifyError(parsed.error));
}

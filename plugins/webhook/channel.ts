import { createHmac } from "node:crypto";
import { type ConnectionDeps, credential, defineChannel, defineConnection } from "@vedette/sdk";
import { z } from "zod";
import { type Answer, ask, noticeText, ownAuthority, safeAddress } from "../_channel/parts.ts";

const settings = z.strictObject({
  url: safeAddress.describe("Where each notification is sent, with POST."),
  signing: credential
    .secretKey({ title: "Signing key", help: "The receiver checks the signature with the same key." })
    .optional(),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/, "Expected the name of a header"), credential.password())
    .refine((headers) => Object.keys(headers).length <= 20, "At most 20 headers")
    .refine(
      (headers) => Object.values(headers).every((value) => /^[\x20-\x7e]*$/.test(value)),
      "A header holds visible ASCII only",
    )
    .default({})
    .describe("Further headers, such as Authorization."),
  authority: ownAuthority,
  undoUrl: safeAddress
    .optional()
    .describe("Where it is sent that an action is to be undone. Default: the same address."),
});
export type Settings = z.infer<typeof settings>;

/**
 * The signature of a body, as `X-Vedette-Signature` carries it: `v1=` and the HMAC-SHA256 in hexadecimal of the timestamp
 * (seconds since 1970, header `X-Vedette-Timestamp`), a dot and the body.
 */
export const signatureOf = (key: string, timestamp: number, body: string): string =>
  `v1=${createHmac("sha256", key).update(`${timestamp}.${body}`).digest("hex")}`;

/** The headers of the settings, and those that sign a body. `now` in milliseconds since 1970. */
export function signedHeaders(to: Settings, body: string, now: number): Record<string, string> {
  const timestamp = Math.floor(now / 1_000);
  const signed = to.signing && {
    "x-vedette-timestamp": String(timestamp),
    "x-vedette-signature": signatureOf(to.signing.secretKey, timestamp, body),
  };
  return { ...to.headers, ...signed };
}

function send(id: string, value: object, to: Settings, deps: ConnectionDeps): Promise<Answer> {
  const body = JSON.stringify(value);
  const headers = { ...signedHeaders(to, body, deps.clock.now()), "idempotency-key": id };
  return ask(to.url, { body, headers, authority: to.authority }, deps);
}

export const connection = defineConnection({
  title: "Address that notifications are sent to",
  description: 'The test sends {"about":"ping"}, signed like a notification.',
  settings,
  async test(to, deps) {
    const { status } = await send("ping", { about: "ping" }, to, deps);
    return { status: "healthy", message: `The receiver answered ${status}.` };
  },
});

/** The notice as JSON: machines escape for themselves, so values are as they are. */
export const channel = defineChannel<Settings>({
  async send(notice, to, deps) {
    const { title, lines, link } = noticeText(notice, { text: (text) => text, value: (value) => value });
    const { id, at, severity, about, count, choices } = notice;
    const { status } = await send(
      id,
      { id, at, severity, about, count, title, lines, link, choices },
      to,
      deps,
    );
    return `answered ${status}`;
  },
});

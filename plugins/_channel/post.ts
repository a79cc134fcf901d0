import { type ConnectionDeps, credential, isLoopback } from "@vedette/sdk";
import { z } from "zod";
import { type Answer, failureOf, requireSuccess } from "./answer.ts";

const mostAnswerBytes = 65_536;
const silentMs = 15_000;

const isSafe = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname.replace(/^\[|\]$/g, "")));
};

const addressRule = "Expected https://…; http:// only to this machine, and no password in it";

/** An address that notices may be sent to. */
export const safeAddress = z.string().max(2_000).refine(isSafe, addressRule);

/** An address that is a secret itself, as a token is part of it. */
export const secretAddress = (title: string, help: string) =>
  credential.password({ title, help }).refine(isSafe, addressRule);

/** For servers of one's own, whose certificate is of an authority of one's own. */
export const ownAuthority = z
  .string()
  .max(32_768)
  .regex(/-----BEGIN CERTIFICATE-----/, "Expected certificates in PEM")
  .optional()
  .describe("Certificate authorities to trust, PEM. Default: those of the system.");

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM. */
  readonly authority?: string | undefined;
}

/** Asks over HTTP, follows no redirect, and throws `notice.refused` or `notice.undelivered` unless the answer says yes. */
export async function ask(url: string, sent: Sent, deps: ConnectionDeps): Promise<Answer> {
  const answer = await answerOf(url, sent, deps);
  requireSuccess(answer, deps.clock.now());
  return answer;
}

/** The answer, whatever it says. */
export async function answerOf(url: string, sent: Sent, deps: ConnectionDeps): Promise<Answer> {
  const { egress, signal } = deps;
  try {
    const response = await egress.fetch(url, {
      ...{ signal, redirects: 0, maxBytes: mostAnswerBytes, idleMs: silentMs },
      method: sent.method ?? "POST",
      headers: {
        ...(sent.body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
        ...sent.headers,
      },
      ...(sent.body === undefined ? {} : { body: sent.body }),
      ...(sent.authority === undefined ? {} : { tls: { ca: sent.authority } }),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  } catch (error) {
    throw failureOf(error, signal);
  }
}

/** Sends a value as JSON. */
export const askJson = (
  url: string,
  value: unknown,
  deps: ConnectionDeps,
  sent: Sent = {},
): Promise<Answer> => ask(url, { ...sent, body: JSON.stringify(value) }, deps);

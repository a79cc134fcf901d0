import { isVedetteError, messageOf, VedetteError } from "@vedette/sdk";
import { type Answer, objectOf, retryAfterMs } from "../_channel/parts.ts";

const mostAfterMs = 3_600_000;
const sentence = (text: string): string => (/[.!?\u2026]$/.test(text) ? text : `${text}.`);

/** Surely not done, and another attempt would end alike. */
export const refused = (why: string, cause?: unknown): VedetteError =>
  new VedetteError("action.refused", sentence(why), { verdict: "drop" }, { cause });

/** Surely not done; another attempt may succeed. */
export function unavailable(why: string, cause?: unknown, afterMs?: number): VedetteError {
  const after = afterMs === undefined ? {} : { afterMs: Math.min(Math.max(0, afterMs), mostAfterMs) };
  return new VedetteError("action.unavailable", sentence(why), { verdict: "retry", ...after }, { cause });
}

/** Codes of errors that come before anything was sent. */
const unsent = new Set([
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"],
  // The handshake comes before the request.
  ...["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ...["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"],
  ...["ERR_TLS_CERT_ALTNAME_INVALID", "ERR_SSL_WRONG_VERSION_NUMBER"],
]);

/**
 * What a request without an answer means for what it should do: `action.refused` where it may not be sent, `action.unavailable` where
 * it surely was not, or where it only `reads`; else an error without meaning, as nobody knows.
 */
export function failureOf(error: unknown, reads: boolean): Error {
  if (isVedetteError(error) && error.code === "egress.refused") return refused(error.message, error);
  const code = (error as { code?: unknown } | null)?.code;
  const said = `The other side cannot be reached: ${messageOf(error)}`;
  if (reads || (typeof code === "string" && unsent.has(code))) return unavailable(said, error);
  return new Error(`Nobody knows whether it was done: ${messageOf(error)}`, { cause: error });
}

/** The same of an answer that is no success. `now` in milliseconds since 1970. */
export function answerFailure(answer: Answer, reads: boolean, now: number): Error {
  const { status } = answer;
  const body = objectOf(answer);
  const said = body?.["message"] ?? body?.["error"] ?? body?.["detail"];
  const why = `The other side answered ${status}${typeof said === "string" ? `: ${said.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").slice(0, 200)}` : ""}`;
  if (status >= 300 && status < 400) return refused(`${why}: it redirects, which is not followed`);
  // These say that nothing was done; of other 5xx nobody knows.
  if (status === 429 || status === 503) return unavailable(why, undefined, retryAfterMs(answer, now));
  if (status === 408 || status === 425) return unavailable(why);
  if (status >= 500) return reads ? unavailable(why) : new Error(`${why}. Nobody knows whether it was done.`);
  return refused(why);
}

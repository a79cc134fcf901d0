import { isVedetteError, messageOf, VedetteError } from "@vedette/sdk";

const mostRetryAfterMs = 3_600_000;

/** Another attempt may succeed. `afterMs` is how long the other side asked to be left alone. */
export function undelivered(why: string, afterMs?: number, cause?: unknown): VedetteError {
  const asked = afterMs === undefined ? {} : { afterMs: Math.min(Math.max(0, afterMs), mostRetryAfterMs) };
  return new VedetteError("notice.undelivered", sentence(why), { verdict: "retry", ...asked }, { cause });
}

/** Another attempt would end alike. */
export const refused = (why: string, cause?: unknown): VedetteError =>
  new VedetteError("notice.refused", sentence(why), { verdict: "drop" }, { cause });

/** What a request that had no answer means: a place that may not be reached stays so, all else may pass. */
export function failureOf(error: unknown, signal: AbortSignal): VedetteError {
  if (isVedetteError(error) && error.code === "egress.refused") return refused(error.message, error);
  if (signal.aborted) return undelivered("There was no answer in time", undefined, error);
  return undelivered(messageOf(error), undefined, error);
}

/** What the other side answered; the text is at most 64 KiB. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/**
 * Throws where an answer says no: what is overloaded, broken or slow may be asked again, all else may not. `now` in
 * milliseconds since 1970.
 */
export function requireSuccess(answer: Answer, now: number): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  const said = `The other side answered ${status}${excerpt(answer)}`;
  if (status >= 300 && status < 400)
    throw refused(`The other side answered ${status}: it redirects, which is not followed`);
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    throw undelivered(said, retryAfterMs(answer, now));
  throw refused(said);
}

/** The JSON object of an answer; undefined where it is something else, such as a page. */
export function objectOf({ text }: Answer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The header `Retry-After` (RFC 9110, 10.2.3), else what Discord, Telegram and Matrix say in the body. */
export function retryAfterMs(answer: Answer, now: number): number | undefined {
  const header = answer.headers.get("retry-after");
  if (header !== null && /^\d{1,9}(\.\d{1,9})?$/.test(header.trim())) return Number(header) * 1_000;
  const date = header === null ? Number.NaN : Date.parse(header);
  if (!Number.isNaN(date)) return date - now;
  const body = objectOf(answer);
  const parameters = body?.["parameters"] as Record<string, unknown> | null | undefined;
  const seconds = body?.["retry_after"] ?? parameters?.["retry_after"];
  if (typeof seconds === "number" && seconds >= 0) return seconds * 1_000;
  const ms = body?.["retry_after_ms"];
  return typeof ms === "number" && ms >= 0 ? ms : undefined;
}

/** What an answer says of its reason, as a page of HTML says none. */
function excerpt(answer: Answer): string {
  const body = objectOf(answer);
  const said = body?.["description"] ?? body?.["message"] ?? body?.["error"];
  const text = typeof said === "string" ? said : /^\s*</.test(answer.text) ? "" : answer.text;
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return plain === "" ? "" : `: ${plain.slice(0, 200)}`;
}

const sentence = (text: string): string => (/[.!?\u2026]$/.test(text) ? text : `${text}.`);

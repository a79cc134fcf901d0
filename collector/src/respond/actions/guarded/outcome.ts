import { isVedetteError, messageOf, VedetteError } from "@vedette/sdk";

/** What a failed call of a backend means. */
export type Failure =
  | { readonly fate: "refused"; readonly why: string }
  | { readonly fate: "later"; readonly why: string; readonly afterMs: number | undefined }
  | { readonly fate: "unknown"; readonly why: string };

/** Reads what a backend threw: see the contract in `sdk`. Whoever says nothing known leaves it unknown. */
export function failureOf(error: unknown): Failure {
  const why = messageOf(error).slice(0, 1_000);
  if (!isVedetteError(error)) return { fate: "unknown", why };
  const { code, verdict } = error;
  if (["action.refused", "action.unknown", "connection.unknown", "egress.refused"].includes(code))
    return { fate: "refused", why };
  if (code === "action.unavailable" || code === "connection.failed")
    return { fate: "later", why, afterMs: verdict.verdict === "retry" ? verdict.afterMs : undefined };
  return { fate: "unknown", why };
}

export const unavailable = (why: string, afterMs?: number): VedetteError =>
  new VedetteError("action.unavailable", why, {
    verdict: "retry",
    ...(afterMs === undefined ? {} : { afterMs }),
  });

const longestMs = 86_400_000;

/** Milliseconds before the next attempt: doubles with each, half of it by chance; not before what was asked for, a day at most. */
export function waitMs(
  attempt: number,
  { least, most }: { readonly least: number; readonly most: number },
  afterMs: number | undefined,
  random: () => number,
): number {
  const grown = Math.min(most, least * 2 ** Math.min(attempt - 1, 30));
  return Math.round(Math.max(Math.min(afterMs ?? 0, longestMs), grown / 2 + (grown / 2) * random()));
}

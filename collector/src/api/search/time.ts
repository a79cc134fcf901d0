import { badParameter } from "../problem.ts";

const units: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3, w: 604_800e3 };
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/i;

/** The range ClickHouse's DateTime64(3) holds. */
const earliest = 0;
const latest = Date.UTC(2299, 0, 1);

/** Reads a moment: RFC 3339, `now`, or relative to it such as `-15m`. Milliseconds since 1970. */
export function readTime(value: string, now: number, parameter: string, at?: number): number {
  const text = value.trim();
  if (text === "now") return now;
  const relative = /^(?:now)?([+-])(\d{1,6})([smhdw])$/.exec(text);
  const time = relative
    ? now + (relative[1] === "-" ? -1 : 1) * Number(relative[2]) * units[relative[3]!]!
    : rfc3339.test(text)
      ? Date.parse(text)
      : /^\d{4}-\d\d-\d\d$/.test(text)
        ? Date.parse(`${text}T00:00:00Z`)
        : Number.NaN;
  if (Number.isNaN(time))
    throw badParameter(parameter, `"${text.slice(0, 60)}" is not a time.`, {
      ...(at === undefined ? {} : { at }),
      cure: "Write RFC 3339 such as 2026-01-31T12:00:00Z, a time back such as -15m, -24h or -7d, or now.",
    });
  return Math.min(Math.max(time, earliest), latest);
}

/** The time span of a search in milliseconds since 1970; `from` belongs to it, `to` does not. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Reads `from` and `to`. A day back from now where the request names none. */
export function readRange(from: string | undefined, to: string | undefined, now: number): Range {
  const end = to === undefined || to === "now" ? now + 1 : readTime(to, now, "to");
  const start = readTime(from ?? "-24h", now, "from");
  if (start >= end)
    throw badParameter("from", "The range ends before it begins.", {
      cure: "Make `from` earlier than `to`.",
    });
  return { from: start, to: end };
}

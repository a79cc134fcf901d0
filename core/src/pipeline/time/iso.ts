import { type Moment, momentOf, type Parts } from "./moment.ts";
import type { ZoneOffset } from "./zone.ts";

const ISO =
  /^([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:(?:[Tt]| {1,2})([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]{1,12}))?)?(?: ?([Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?)?$/;

/**
 * Reads a time as ISO 8601 and its many users write it: extended or basic form, `T` or space, seconds and fraction
 * optional, zone optional (then `zone`, else UTC). Undefined when the text is none. A leap second counts as the second before.
 */
export function parseIso(text: string, zone?: ZoneOffset): Moment | undefined {
  if (text.length > 48) return undefined;
  const match = ISO.exec(text);
  if (!match) return undefined;
  const parts: Parts = {
    year: Number(match[1]),
    month: Number(match[2]),
    day: Number(match[3]),
    hour: Number(match[4] ?? 0),
    minute: Number(match[5] ?? 0),
    second: Math.min(Number(match[6] ?? 0), match[6] === "60" ? 59 : 99),
    nanoseconds: Number((match[7] ?? "").slice(0, 9).padEnd(9, "0")),
  };
  const offset = match[8];
  if (offset !== undefined) {
    const digits = /^([+-])(\d\d):?(\d\d)?$/.exec(offset);
    const seconds = digits ? Number(digits[2]) * 3600 + Number(digits[3] ?? 0) * 60 : 0;
    if (digits && (Number(digits[2]) > 23 || Number(digits[3] ?? 0) > 59)) return undefined;
    parts.offset = digits?.[1] === "-" ? -seconds : seconds;
  }
  return momentOf(parts, 0, zone);
}

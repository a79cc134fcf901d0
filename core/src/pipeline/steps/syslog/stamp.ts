import { type Moment, momentOf, months, parseIso } from "../../time/index.ts";
import { matchAt, type Reading } from "./header.ts";

const ISO = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}(?::?\d{2})?)?(?=[\s:]|$)/y;
// RFC 3164, with the year that some devices add before or behind the clock, and the zone of Cisco devices.
const BSD =
  /(?:(\d{4}) )?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?: (\d{4})(?=:? ))?(?: ([A-Z]{2,5}|[+-]\d{2}:?\d{2})(?=:)| (UTC|GMT)(?= ))?(?=[\s:]|$)/y;

const monthNumbers: ReadonlyMap<string, number> = new Map(
  months.map((name, index) => [name.slice(0, 3), index + 1]),
);

/** A time at the start of what is left of a line, and where the text goes on behind it. */
export interface Stamp {
  readonly moment: Moment;
  readonly end: number;
}

function offsetOf(zone: string | undefined): number | undefined {
  if (zone === "UTC" || zone === "GMT") return 0;
  const digits = zone === undefined ? null : /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (!digits) return undefined;
  const seconds = Number(digits[2]) * 3600 + Number(digits[3]) * 60;
  return digits[1] === "-" ? -seconds : seconds;
}

/** Reads a time of RFC 3164, RFC 5424 or ISO 8601 at an offset. A zone that is only a name, such as CET, says nothing. */
export function readStamp(text: string, at: number, { near, zone }: Reading): Stamp | undefined {
  const iso = matchAt(ISO, text, at);
  if (iso) {
    const moment = parseIso(iso[0], zone);
    return moment && { moment, end: at + iso[0].length };
  }
  const match = matchAt(BSD, text, at);
  if (!match) return undefined;
  const year = match[1] ?? match[4] ?? match[9];
  const offset = offsetOf(match[10] ?? match[11]);
  const moment = momentOf(
    {
      ...(year === undefined ? {} : { year: Number(year) }),
      ...(offset === undefined ? {} : { offset }),
      month: monthNumbers.get(match[2]!)!,
      day: Number(match[3]),
      hour: Number(match[5]),
      minute: Number(match[6]),
      second: match[7] === "60" ? 59 : Number(match[7]),
      nanoseconds: Number((match[8] ?? "").padEnd(9, "0")),
    },
    near,
    zone,
  );
  return moment && { moment, end: at + match[0].length };
}

import {
  compileFormat,
  isRfc3339,
  type Moment,
  momentOf,
  months,
  parseIso,
  type ZoneOffset,
} from "../../time/index.ts";
import { isDigit, matchAt } from "./header.ts";

const ISO = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}(?::?\d{2})?)?(?=[\s:]|$)/y;
// RFC 3164, with the year that some devices add before or behind the clock, and the zone of Cisco devices.
const BSD =
  /(?:(\d{4}) )?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?: (\d{4})(?=:? ))?(?: ([A-Z]{2,5}|[+-]\d{2}:?\d{2})(?=:)| (UTC|GMT)(?= ))?(?=[\s:]|$)/y;

const monthNumbers: ReadonlyMap<string, number> = new Map(
  months.map((name, index) => [name.slice(0, 3), index + 1]),
);

/** A time as RFC 3339 at the start of what is left of a line, and where the text goes on behind it. */
export interface Stamp {
  readonly time: string;
  readonly end: number;
}

/** Reads the time at an offset; `read` is when the line was read, RFC 3339. Undefined when there is none. */
export type ReadStamp = (text: string, at: number, read: string) => Stamp | undefined;

function offsetOf(zone: string | undefined): number | undefined {
  if (zone === "UTC" || zone === "GMT") return 0;
  const digits = zone === undefined ? null : /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (!digits) return undefined;
  const seconds = Number(digits[2]) * 3600 + Number(digits[3]) * 60;
  return digits[1] === "-" ? -seconds : seconds;
}

function momentIn(match: RegExpExecArray, read: string, zone: ZoneOffset): Moment | undefined {
  const year = match[1] ?? match[4] ?? match[9];
  const offset = offsetOf(match[10] ?? match[11]);
  return momentOf(
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
    Date.parse(read),
    zone,
  );
}

/** True where a time ends for certain: what follows is neither its fraction nor its year nor its zone. */
function endsAt(text: string, end: number): boolean {
  if (text[end] !== " ") return false;
  const next = text.charCodeAt(end + 1);
  return next >= 97 && next <= 122;
}

/**
 * Compiles the reading of times of RFC 3164, RFC 5424 and ISO 8601, with `zone` for those that name none. A zone that is
 * only a name, such as CET, says nothing. A time that is RFC 3339 already stays as it is written.
 */
export function compileStamp(zone: ZoneOffset): ReadStamp {
  const format = compileFormat("RFC3339Nano");
  // Neighbouring lines mostly carry the same second; the day of reading is part of the answer.
  let lastText = "";
  let lastDay = "";
  let lastTime = "";
  return (text, at, read) => {
    if (isDigit(text.charCodeAt(at))) {
      const iso = matchAt(ISO, text, at)?.[0];
      if (iso !== undefined) {
        const end = at + iso.length;
        if (isRfc3339(iso)) return { time: iso, end };
        const moment = parseIso(iso, zone);
        return moment && { time: format(moment), end };
      }
    }
    if (lastText !== "" && text.startsWith(lastText, at) && endsAt(text, at + lastText.length)) {
      if (read.startsWith(lastDay)) return { time: lastTime, end: at + lastText.length };
    }
    const match = matchAt(BSD, text, at);
    const moment = match && momentIn(match, read, zone);
    if (!moment) return undefined;
    lastText = match[0];
    lastDay = read.slice(0, 10);
    lastTime = format(moment);
    return { time: lastTime, end: at + lastText.length };
  };
}

/** The offset of a zone, in seconds east of UTC, at a local time given as if it were UTC (ms since 1970). */
export type ZoneOffset = (local: number) => number;

const FIXED = /^([+-])(\d{2}):?(\d{2})$/;
/** Zones change their offset only at quarters of an hour. */
const QUARTER_MS = 900_000;
const CACHE_SIZE = 256;

function formatterOf(name: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return undefined;
  }
}

/** The offset of this machine's zone at a time in UTC. A formatter would bring megabytes of the tables of ICU into memory. */
const localOffset = (utc: number): number => new Date(utc).getTimezoneOffset() * -60;

/** The same of a named zone; undefined when there is no such zone. */
function namedOffset(name: string): ((utc: number) => number) | undefined {
  const formatter = formatterOf(name);
  return (
    formatter &&
    ((utc) => {
      const parts: Record<string, number> = {};
      for (const { type, value } of formatter.formatToParts(utc)) parts[type] = Number(value);
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
      return (Date.UTC(year, month - 1, day, hour, minute, second) - utc) / 1000;
    })
  );
}

/**
 * Compiles a time zone: `UTC`, an IANA name such as `Europe/Zurich`, an offset such as `+02:00`, or `local` for the
 * zone of this machine. Undefined when there is no such zone. A local time that a clock change leaves out or repeats
 * gets one of its two offsets.
 */
export function compileZone(name: string): ZoneOffset | undefined {
  if (name === "UTC") return () => 0;
  const fixed = FIXED.exec(name);
  if (fixed) {
    const seconds = Number(fixed[2]) * 3600 + Number(fixed[3]) * 60;
    if (Number(fixed[2]) > 14 || Number(fixed[3]) > 59) return undefined;
    return () => (fixed[1] === "-" ? -seconds : seconds);
  }
  const read = name === "local" ? localOffset : namedOffset(name);
  if (!read) return undefined;
  const offsets = new Map<number, number>();
  const offsetAt = (utc: number): number => {
    const quarter = Math.floor(utc / QUARTER_MS);
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    const offset = read(quarter * QUARTER_MS);
    if (offsets.size >= CACHE_SIZE) offsets.clear();
    offsets.set(quarter, offset);
    return offset;
  };
  return (local) => {
    const guess = local - offsetAt(local) * 1000;
    return offsetAt(guess);
  };
}

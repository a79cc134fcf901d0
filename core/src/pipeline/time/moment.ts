import type { ZoneOffset } from "./zone.ts";

/** A moment with the offset it was written in. Nanoseconds, because Go layouts have them. */
export interface Moment {
  /** Milliseconds since 1970 of the whole second, UTC. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** Seconds east of UTC. */
  readonly offset: number;
  /** Zone abbreviation, where one was written. */
  readonly zone: string;
}

/** What a layout found in a text; what it does not name is undefined. */
export interface Parts {
  year?: number;
  month?: number;
  day?: number;
  yearDay?: number;
  hour: number;
  minute: number;
  second: number;
  nanoseconds: number;
  afternoon?: boolean;
  offset?: number;
  zone?: string;
}

const DAY_MS = 86_400_000;

/** The year that puts a time without one nearest to when it was read, at most a day ahead of it. */
function nearestYear(month: number, day: number, near: number): number {
  const year = new Date(near).getUTCFullYear();
  if (Date.UTC(year, month - 1, day) > near + DAY_MS) return year - 1;
  // A device whose clock is a little ahead, or whose zone lies east, is in the next year first.
  return Date.UTC(year + 1, month - 1, day) <= near + DAY_MS ? year + 1 : year;
}

/** False for a day that the year does not have, and where day of the year, month and day tell different ones. */
function isThatDay(date: Date, year: number, { month, day, yearDay }: Parts): boolean {
  if (yearDay === undefined)
    return date.getUTCMonth() === (month ?? 1) - 1 && date.getUTCDate() === (day ?? 1);
  return (
    date.getUTCFullYear() === year &&
    (month === undefined || date.getUTCMonth() === month - 1) &&
    (day === undefined || date.getUTCDate() === day)
  );
}

/**
 * Puts the parts together; undefined when there is no such time, such as 31 February. `near` stands in for a missing
 * year, `zone` for a missing offset; UTC without one.
 */
export function momentOf(parts: Parts, near: number, zone?: ZoneOffset): Moment | undefined {
  let { hour } = parts;
  // As Go has it, an hour of 24 may stand beside the half of the day.
  if (parts.afternoon === true && hour < 12) hour += 12;
  else if (parts.afternoon === false && hour === 12) hour = 0;
  if (hour > 23 || parts.minute > 59 || parts.second > 59) return undefined;
  const month = parts.month ?? 1;
  const day = parts.day ?? 1;
  const dated = parts.month !== undefined || parts.day !== undefined || parts.yearDay !== undefined;
  const year = parts.year ?? (dated ? nearestYear(month, day, near) : 0);
  const date = new Date(0);
  if (parts.year === undefined && !dated) date.setTime(near - (((near % DAY_MS) + DAY_MS) % DAY_MS));
  else if (parts.yearDay !== undefined) date.setUTCFullYear(year, 0, parts.yearDay);
  else date.setUTCFullYear(year, month - 1, day);
  if (dated && !isThatDay(date, year, parts)) return undefined;
  const clock = (hour * 3600 + parts.minute * 60 + parts.second) * 1000;
  const offset = parts.offset ?? zone?.(date.getTime() + clock) ?? 0;
  return {
    seconds: date.getTime() + clock - offset * 1000,
    nanoseconds: parts.nanoseconds,
    offset,
    zone: parts.zone ?? "",
  };
}

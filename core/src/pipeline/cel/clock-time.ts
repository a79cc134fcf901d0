/** A moment as its own text shows it, in the offset written there. */
export interface ClockTime {
  readonly hour: number;
  readonly minute: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Reads an RFC 3339 time without moving it to another zone; undefined when the value is none. */
export function clockTimeOf(value: unknown): ClockTime | undefined {
  if (typeof value !== "string" || value.length > 64) return undefined;
  const match = RFC3339.exec(value);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match.map(Number) as [number, ...number[]] as number[];
  const date = new Date(Date.UTC(year!, month! - 1, day!));
  if (
    date.getUTCMonth() !== month! - 1 ||
    date.getUTCDate() !== day ||
    hour! > 23 ||
    minute! > 59 ||
    second! > 60
  )
    return undefined;
  return { hour: hour!, minute: minute!, weekday: date.getUTCDay() };
}

/** Minutes after midnight of "HH:MM"; undefined when it is no such time. */
export function minutesOf(text: string): number | undefined {
  const match = /^(\d{1,2}):(\d\d)$/.exec(text.trim());
  if (!match || Number(match[1]) > 23 || Number(match[2]) > 59) return undefined;
  return Number(match[1]) * 60 + Number(match[2]);
}

import type { NotificationRule } from "../../config/index.ts";

type Quiet = NonNullable<NotificationRule["quietHours"]>;

const minuteMs = 60_000;
const dayMinutes = 1_440;
const formats = new Map<string, Intl.DateTimeFormat>();

/** The minute of the day at a place. */
function minuteAt(zone: string, now: number): number {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
  // As many as there are zones.
  formats.set(zone, format);
  return minuteOf(format.format(now));
}

const minuteOf = (text: string): number => {
  const [hours = "0", minutes = "0"] = text.split(":");
  return Number(hours) * 60 + Number(minutes);
};

/**
 * When the quiet that holds at a time ends, milliseconds since 1970; undefined where it is not quiet. On the days on which
 * clocks are changed it may be off by the hour; whoever waits asks again then.
 */
export function quietUntil(quiet: Quiet | undefined, now: number): number | undefined {
  if (quiet === undefined) return undefined;
  const [from, to, minute] = [minuteOf(quiet.from), minuteOf(quiet.to), minuteAt(quiet.zone, now)];
  const isQuiet = from <= to ? minute >= from && minute < to : minute >= from || minute < to;
  if (!isQuiet) return undefined;
  const left = (to - minute + dayMinutes) % dayMinutes || dayMinutes;
  return Math.floor(now / minuteMs) * minuteMs + left * minuteMs;
}

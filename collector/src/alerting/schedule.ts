import { z } from "zod";

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const zoned = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });

const timeZone = z
  .string()
  .max(64)
  .refine(
    (name) => {
      try {
        return zoned(name) !== undefined;
      } catch {
        return false;
      }
    },
    { message: "must be a time zone such as Europe/Berlin or UTC" },
  );

/** A window that comes again each week on some days, at a time of that place, for some minutes. */
export const weeklySchema = z.strictObject({
  days: z.array(z.enum(weekdays)).min(1).max(7),
  at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time such as 22:00"),
  minutes: z
    .int()
    .min(1)
    .max(7 * 1_440)
    .meta({ description: "How long it lasts; also beyond midnight." }),
  timeZone: timeZone.default("UTC"),
});

export type Weekly = z.infer<typeof weeklySchema>;

const week = 7 * 86_400;

/**
 * A test for moments (milliseconds since 1970) within a weekly window. Both are places on the clock of the wall: on the
 * nights when clocks are changed, a window that spans the change is an hour shorter or longer.
 */
export function compileWeekly({ days, at, minutes, timeZone: zone }: Weekly): (time: number) => boolean {
  const format = zoned(zone);
  const [hour = 0, minute = 0] = at.split(":").map(Number);
  const starts = days.map((day) => weekdays.indexOf(day) * 86_400 + hour * 3_600 + minute * 60);
  return (time) => {
    const place = placeInWeek(format, time);
    return starts.some((start) => (place - start + week) % week < minutes * 60);
  };
}

/** Seconds since Monday, 0:00 by the clock of the wall. */
function placeInWeek(format: Intl.DateTimeFormat, time: number): number {
  const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type) ?? 0);
  const day = weekdays.indexOf(parts.get("weekday")?.toLowerCase() as (typeof weekdays)[number]);
  return day * 86_400 + of("hour") * 3_600 + of("minute") * 60 + of("second");
}

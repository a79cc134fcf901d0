import { VedetteError } from "@vedette/sdk";

/** Times of a schedule. All in UTC. */
export interface Schedule {
  /** The first minute after a time (milliseconds since 1970) that the schedule names; undefined where none comes within four years. */
  after(time: number): number | undefined;
}

const fields = [
  { name: "minute", from: 0, to: 59, words: [] },
  { name: "hour", from: 0, to: 23, words: [] },
  { name: "day of month", from: 1, to: 31, words: [] },
  {
    name: "month",
    from: 1,
    to: 12,
    words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { name: "day of week", from: 0, to: 7, words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
] as const;

const shorthands: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
};

const minuteMs = 60_000;
const dayMs = 86_400_000;
const horizonDays = 4 * 366;

/**
 * Reads the five fields of cron(5): lists, ranges, steps, names of months and days, `@hourly` and its like. As there, days
 * of month and of week count as either where both are given. Throws `config.invalid`.
 */
export function parseCron(text: string): Schedule {
  const parts = (shorthands[text.trim()] ?? text).trim().split(/\s+/);
  if (parts.length !== fields.length)
    throw refused(`A schedule has five fields, minute to day of week; here are ${parts.length}.`);
  const [minutes, hours, days, months, weekdays] = parts.map((part, index) => fieldOf(part, index)) as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ];
  if (weekdays.has(7)) weekdays.add(0);
  const [anyDay, anyWeekday] = [parts[2]!.startsWith("*"), parts[4]!.startsWith("*")];
  const isDay = (date: Date): boolean => {
    const [day, weekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
    if (!months.has(date.getUTCMonth() + 1)) return false;
    return anyDay || anyWeekday ? day && weekday : day || weekday;
  };
  return {
    after(time) {
      const first = Math.floor(time / minuteMs) * minuteMs + minuteMs;
      const today = Math.floor(first / dayMs) * dayMs;
      for (let day = today; day < today + horizonDays * dayMs; day += dayMs) {
        if (!isDay(new Date(day))) continue;
        for (const hour of hours)
          for (const minute of minutes) {
            const at = day + (hour * 60 + minute) * minuteMs;
            if (at >= first) return at;
          }
      }
      return undefined;
    },
  };
}

function fieldOf(part: string, index: number): Set<number> {
  const { name, from, to, words } = fields[index]!;
  const found = new Set<number>();
  const number = (text: string): number => {
    const word = (words as readonly string[]).indexOf(text.toLowerCase().slice(0, 3));
    const value = word >= 0 && /^[a-z]/i.test(text) ? word + (name === "month" ? 1 : 0) : Number(text);
    if (!/^(?:[0-9]{1,2}|[A-Za-z]+)$/.test(text) || !(value >= from && value <= to))
      throw refused(`${JSON.stringify(text)} is no ${name}: ${from} to ${to}.`);
    return value;
  };
  for (const each of part.split(",")) {
    const [range = "", step, more] = each.split("/");
    const every = step === undefined ? 1 : Number(step);
    if (more !== undefined || !Number.isInteger(every) || every < 1)
      throw refused(`${JSON.stringify(each)} is no ${name}: a step is a whole number.`);
    const [low = "", high, rest] = range.split("-");
    if (rest !== undefined) throw refused(`${JSON.stringify(each)} is no ${name}.`);
    const start = range === "*" ? from : number(low);
    const end = range === "*" ? to : high === undefined ? (step === undefined ? start : to) : number(high);
    if (end < start) throw refused(`${JSON.stringify(each)} ends before it begins.`);
    for (let value = start; value <= end; value += every) found.add(value);
  }
  // In order: the first that fits is the next.
  return new Set([...found].sort((a, b) => a - b));
}

const refused = (message: string): VedetteError =>
  new VedetteError("config.invalid", message, { verdict: "stop" });

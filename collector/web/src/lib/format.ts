import { language } from "../state/preferences.ts";

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.DisplayNames>();

function cached<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.DisplayNames>(
  name: string,
  make: () => T,
): T {
  const key = `${language.value} ${name}`;
  const known = cache.get(key) as T | undefined;
  if (known) return known;
  const made = make();
  cache.set(key, made);
  return made;
}

const locale = () => (language.value === "de" ? "de-DE" : "en-GB");

export const whole = (value: number): string =>
  cached("whole", () => new Intl.NumberFormat(locale(), { maximumFractionDigits: 0 })).format(value);

/** 12,345 stays; 1,234,567 becomes 1.23 M. */
export const short = (value: number): string =>
  Math.abs(value) < 10_000
    ? cached(
        "few",
        () => new Intl.NumberFormat(locale(), { maximumFractionDigits: value < 10 ? 1 : 0 }),
      ).format(value)
    : cached(
        "short",
        () => new Intl.NumberFormat(locale(), { notation: "compact", maximumFractionDigits: 1 }),
      ).format(value);

export const percent = (share: number): string =>
  cached(
    "percent",
    () => new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 0 }),
  ).format(share);

export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let left = value;
  let unit = 0;
  while (left >= 1024 && unit < units.length - 1) {
    left /= 1024;
    unit += 1;
  }
  return `${short(left)} ${units[unit]}`;
}

const dateTime = (name: string, options: Intl.DateTimeFormatOptions) => (value: string | number) => {
  const date = new Date(value);
  return Number.isNaN(date.getTime())
    ? "–"
    : cached(name, () => new Intl.DateTimeFormat(locale(), options)).format(date);
};

export const clockTime = dateTime("clock", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
export const dayTime = dateTime("day", {
  month: "short",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
export const fullTime = dateTime("full", { dateStyle: "medium", timeStyle: "long" });
const minuteTime = dateTime("minute", { hour: "2-digit", minute: "2-digit" });
const secondTime = dateTime("second", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const onlyDay = dateTime("date", { month: "short", day: "numeric" });

/** A label of a time axis, as fine as its steps need. */
export function axisTime(value: number, stepSeconds: number): string {
  if (stepSeconds >= 86_400) return onlyDay(value);
  return stepSeconds < 60 ? secondTime(value) : minuteTime(value);
}

/** 42 s, 5 min, 3 h, 2 d: how long ago. */
export function ago(value: string | undefined, now: number): string {
  if (value === undefined) return "–";
  const seconds = Math.max(0, (now - Date.parse(value)) / 1000);
  return duration(seconds);
}

export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60 || (seconds < 90 && seconds % 60 !== 0)) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** The name of a country in the reader's language, by its ISO code. */
export function countryName(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  try {
    return (
      cached("country", () => new Intl.DisplayNames([language.value], { type: "region" })).of(code) ?? code
    );
  } catch {
    return code;
  }
}

/** The flag of a country as two regional indicator letters. */
export const flag = (code: string): string =>
  /^[A-Z]{2}$/.test(code)
    ? String.fromCodePoint(...[...code].map((letter) => 0x1f1e6 + letter.charCodeAt(0) - 65))
    : "";

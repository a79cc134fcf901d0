/** Times that a `Date` can be, milliseconds before and after 1970. */
export const lastTime = 8.64e15;
/** Years from here on have more than four digits. */
const yearTenThousand = Date.UTC(10_000, 0);
const minuteMs = 60_000;

const digits = (value: number, count: number): string => String(value).padStart(count, "0");
const seconds = Array.from({ length: 60 }, (_, value) => digits(value, 2));
const fractions = Array.from({ length: 1_000 }, (_, value) => `.${digits(value, 3)}Z`);
/** The minute that was asked for last: times that are read together are mostly near each other. */
let minute = Number.NaN;
let minuteText = "";

/** A time in whole milliseconds since 1970 as `Date.toISOString` writes it; undefined where a `Date` cannot be it. */
export function isoTime(ms: number): string | undefined {
  if (!(ms >= 0 && ms < yearTenThousand))
    return Math.abs(ms) <= lastTime ? new Date(ms).toISOString() : undefined;
  const own = Math.floor(ms / minuteMs);
  if (own !== minute) {
    minute = own;
    minuteText = new Date(own * minuteMs).toISOString().slice(0, 17);
  }
  const rest = ms - own * minuteMs;
  const second = Math.floor(rest / 1_000);
  return minuteText + seconds[second]! + fractions[rest - second * 1_000]!;
}

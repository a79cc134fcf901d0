import type { Histogram } from "../../api/types.ts";

/** A count of one period. */
export interface Rollup {
  /** A day or a month of UTC. */
  readonly period: string;
  readonly key: string;
  readonly value: number;
}

const dayMs = 86_400_000;

/** The days of a range that ends today, as the API takes them. */
export function rangeOf(days: number, now: number): { readonly from: string; readonly to: string } {
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  return { from: day(now - (days - 1) * dayMs), to: day(now) };
}

/** Every period of a range, also those in which nothing was counted. */
export function periodsOf({ from, to }: { from: string; to: string }, by: "day" | "month"): string[] {
  const periods: string[] = [];
  const [at, end] = [new Date(`${from}T00:00:00Z`), new Date(`${to}T00:00:00Z`)];
  if (by === "month") at.setUTCDate(1);
  while (at <= end) {
    periods.push(at.toISOString().slice(0, by === "day" ? 10 : 7));
    if (by === "day") at.setUTCDate(at.getUTCDate() + 1);
    else at.setUTCMonth(at.getUTCMonth() + 1);
  }
  return periods;
}

/** Counts as the chart draws them. Nothing before the first count is shown: a young collector has no past. */
export function histogramOf(
  rows: readonly Rollup[],
  range: { from: string; to: string },
  by: "day" | "month",
): Histogram {
  const first = rows[0]?.period ?? "";
  const values = [...new Set(rows.map(({ key }) => key))];
  const counted = new Map(rows.map(({ period, key, value }) => [`${period}\n${key}`, value]));
  const items = periodsOf(range, by)
    .filter((period) => period >= first)
    .map((period) => {
      const counts = values.map((key) => counted.get(`${period}\n${key}`) ?? 0);
      const time = `${by === "day" ? period : `${period}-01`}T00:00:00Z`;
      return { time, counts, count: counts.reduce((sum, each) => sum + each, 0) };
    });
  const intervalSeconds = (by === "day" ? 1 : 31) * 86_400;
  return {
    ...{ from: items[0]?.time ?? range.from, to: items.at(-1)?.time ?? range.to },
    ...{ intervalSeconds, values, others: false, items },
  };
}

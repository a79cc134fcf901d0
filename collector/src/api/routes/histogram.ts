import { createRoute, z } from "@hono/zod-openapi";
import { severities } from "@vedette/sdk";
import type { ApiDeps } from "../deps.ts";
import { limits } from "../limits.ts";
import { badParameter } from "../problem.ts";
import { runQuery } from "../run-query.ts";
import { Binder, type FieldRef, fieldOf, type Range, whereOf } from "../search/index.ts";
import { jsonAnswer, problems, searchParameters } from "./parameters.ts";
import type { Router } from "./router.ts";
import { readSearch, type Search } from "./search.ts";

const bucket = z.object({
  time: z.iso.datetime().openapi({ description: "Begin of the bucket." }),
  count: z.int(),
  counts: z.array(z.int()).openapi({ description: "The count of each of `values`, in that order." }),
});

const histogram = createRoute({
  method: "get",
  path: "/events/histogram",
  summary: "Events over time",
  request: {
    query: z.strictObject({
      ...searchParameters,
      interval: z.string().max(12).default("auto").openapi({
        description: "Width of a bucket, such as `30s`, `5m`, `1h`, `1d`, or `auto`.",
        example: "auto",
      }),
      by: z
        .string()
        .max(limits.pathLength)
        .optional()
        .openapi({ description: "Field to split by.", example: "severity" }),
    }),
  },
  responses: {
    200: jsonAnswer(
      z.object({
        from: z.iso.datetime(),
        to: z.iso.datetime(),
        intervalSeconds: z.int(),
        values: z.array(z.string()).openapi({
          description:
            "Values of `by`, the most frequent first; an empty text stands for events without one.",
        }),
        others: z.boolean().openapi({ description: "True when the last of `counts` is everything else." }),
        items: z.array(bucket),
        next: z.null(),
      }),
      "Counts by time, with a bucket for every interval of the range.",
    ),
    ...problems,
  },
});

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const widths = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
  604_800, 2_592_000,
];
const autoBuckets = 90;
const maxSeries = 8;

interface Row {
  readonly bucket: number;
  readonly value: string;
  readonly count: number;
}

/** Counts of events over time. */
export function histogramRoutes(api: Router, deps: ApiDeps): void {
  api.openapi(histogram, async (c) => {
    const query = c.req.valid("query");
    const search = readSearch(query, deps);
    const width = widthOf(query.interval, search.range);
    const by = query.by === undefined ? undefined : fieldOf(query.by, "by");
    const signal = c.req.raw.signal;
    const values = by ? await topValues(deps, search, by, signal) : [];
    const rows = await countRows(deps, search, { width, by, values: values.slice(0, maxSeries), signal });
    return c.json(
      fill(rows, search.range, width, values.slice(0, maxSeries), values.length > maxSeries),
      200,
    );
  });
}

function widthOf(interval: string, { from, to }: Range): number {
  const span = (to - from) / 1000;
  if (interval === "auto")
    return widths.find((width) => span / width <= autoBuckets) ?? Math.ceil(span / autoBuckets);
  const match = /^(\d{1,6})([smhdw])$/.exec(interval);
  const width = match ? Number(match[1]) * seconds[match[2]!]! : 0;
  if (width < 1)
    throw badParameter("interval", `"${interval}" is not an interval.`, {
      cure: "Write 30s, 5m, 1h, 1d or auto.",
    });
  if (span / width > limits.buckets)
    throw badParameter("interval", `The range has more than ${limits.buckets} intervals of ${interval}.`, {
      cure: "Use auto, a wider interval or a shorter range.",
    });
  return width;
}

/** The most frequent values of a field, one more than are shown. */
async function topValues(
  deps: ApiDeps,
  search: Search,
  by: FieldRef,
  signal: AbortSignal,
): Promise<string[]> {
  // Asking twice is for fields whose values are not known beforehand.
  if (by.path === "severity") return ["", ...severities];
  const bind = new Binder();
  const sql = `SELECT toString(${by.sql}) AS value, count() AS count FROM events
    WHERE ${whereOf(search.range, search.conditions, bind)}
    GROUP BY value ORDER BY count DESC, value LIMIT ${maxSeries + 1}`;
  const rows = await runQuery<Row>(deps.store, sql, bind, signal);
  return rows.map((row) => row.value);
}

interface Split {
  readonly width: number;
  readonly by: FieldRef | undefined;
  readonly values: readonly string[];
  readonly signal: AbortSignal;
}

function countRows(deps: ApiDeps, search: Search, { width, by, values, signal }: Split): Promise<Row[]> {
  const bind = new Binder();
  const start = `intDiv(toUnixTimestamp(timestamp), ${width}) * ${width}`;
  const where = whereOf(search.range, search.conditions, bind);
  const list = by ? bind.add("Array(String)", values) : "";
  const series = by ? `indexOf(${list}, toString(${by.sql}))` : "0";
  const sql = `SELECT ${start} AS bucket, ${series} AS value, count() AS count FROM events
    WHERE ${where} GROUP BY bucket, value ORDER BY bucket LIMIT ${limits.buckets * (maxSeries + 2)}`;
  return runQuery<Row>(deps.store, sql, bind, signal);
}

interface Bucket {
  readonly time: string;
  count: number;
  counts: number[];
}

/** Every bucket of the range, also those without events. The value of a row is its place in `values`, from 1. */
function fill(
  rows: readonly Row[],
  { from, to }: Range,
  width: number,
  values: readonly string[],
  others: boolean,
) {
  const first = Math.floor(from / 1000 / width);
  const last = Math.floor((to - 1) / 1000 / width);
  const sums = values.map((_, place) =>
    rows.reduce((sum, row) => (Number(row.value) === place + 1 ? sum + Number(row.count) : sum), 0),
  );
  const shown = values
    .map((value, place) => ({ value, place, sum: sums[place]! }))
    .filter((each) => each.sum > 0)
    .sort((a, b) => b.sum - a.sum);
  const placeOf = new Map(shown.map((each, index) => [each.place + 1, index]));
  const rest = others || rows.some((row) => values.length > 0 && Number(row.value) === 0);
  const series = shown.length + (rest ? 1 : 0);
  const items: Bucket[] = Array.from({ length: last - first + 1 }, (_, index) => ({
    time: new Date((first + index) * width * 1000).toISOString(),
    count: 0,
    counts: new Array<number>(series).fill(0),
  }));
  for (const row of rows) {
    const item = items[Number(row.bucket) / width - first];
    if (!item) continue;
    const events = Number(row.count);
    item.count += events;
    if (series > 0) item.counts[placeOf.get(Number(row.value)) ?? series - 1]! += events;
  }
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    intervalSeconds: width,
    values: shown.map((each) => each.value),
    others: rest,
    items,
    next: null,
  };
}

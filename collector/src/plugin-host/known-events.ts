import type { Event } from "@vedette/sdk";
import { Binder, type FieldRef, fieldOf, whereOf } from "../api/search/index.ts";
import type { Store } from "../store/index.ts";

const idsAtOnce = 1_000;
const asksAtOnce = 500;
/** An event whose own time is not said gets that of its first call; that far back it is looked for. */
const marginMs = 86_400_000;

/** What is asked of the store before a plugin's events are stored. */
export interface KnownEvents {
  /** Ids of these events that the store has. */
  ids(events: readonly Event[], signal: AbortSignal): Promise<Set<string>>;
  /** Those asks, by their index, for which the store has an event with the same values at some paths around the same time. */
  like(
    same: readonly string[],
    withinMs: number,
    asks: readonly LikeAsk[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<number>>;
}

/** An event that may be a repeat. */
export interface LikeAsk {
  readonly index: number;
  readonly dataType: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Its values at the paths, as text. */
  readonly values: readonly string[];
}

export const timeOf = (event: Event): number => Date.parse(event["@timestamp"] ?? "");

export function knownEvents(store: Pick<Store, "query">): KnownEvents {
  return {
    async ids(events, signal) {
      const known = new Set<string>();
      for (let from = 0; from < events.length; from += idsAtOnce) {
        const part = events.slice(from, from + idsAtOnce);
        const times = part.map(timeOf);
        const bind = new Binder();
        const range = { from: Math.min(...times) - marginMs, to: Math.max(...times) + marginMs };
        const ids = bind.add(
          "Array(String)",
          part.map(({ id }) => id ?? ""),
        );
        const sql = `SELECT id FROM events WHERE ${whereOf(range, [], bind)} AND id IN ${ids}`;
        for (const { id } of await store.query<{ id: string }>(sql, bind.params, { signal })) known.add(id);
      }
      return known;
    },
    async like(same, withinMs, asks, signal) {
      const found = new Set<number>();
      const fields = ["dataType", ...same].map((path) => fieldOf(path, "same"));
      for (let from = 0; from < asks.length; from += asksAtOnce) {
        const part = asks.slice(from, from + asksAtOnce);
        const { sql, params } = likeSql(fields, withinMs, part);
        for (const { n } of await store.query<{ n: number }>(sql, params, { signal })) found.add(Number(n));
      }
      return found;
    },
  };
}

/** Keys are the values of an event joined, so that one comparison tells; the ranges before keep the store from reading much. */
function likeSql(fields: readonly FieldRef[], withinMs: number, asks: readonly LikeAsk[]) {
  const bind = new Binder();
  const rows = asks.map(({ dataType, values }) => [dataType, ...values]);
  const times = asks.map(({ time }) => time);
  const range = { from: Math.min(...times) - withinMs, to: Math.max(...times) + withinMs + 1 };
  const narrowed = fields.flatMap((field, at) =>
    field.kind === "text" || field.kind === "dynamic"
      ? [`${field.sql} IN ${bind.add("Array(String)", [...new Set(rows.map((row) => row[at] ?? ""))])}`]
      : [],
  );
  const key = fields.map((field) => textOf(field)).join(", '\\n', ");
  const columns = [
    bind.add(
      "Array(Float64)",
      asks.map(({ index }) => index),
    ),
    bind.add(
      "Array(String)",
      rows.map((row) => row.map((value, at) => asText(fields[at]!, value)).join("\n")),
    ),
    bind.add(
      "Array(Float64)",
      times.map((time) => time - withinMs),
    ),
    bind.add(
      "Array(Float64)",
      times.map((time) => time + withinMs),
    ),
  ];
  const sql = `SELECT DISTINCT asked.n AS n FROM (
    SELECT toUnixTimestamp64Milli(timestamp) AS at, concat(${key}) AS k FROM events
    WHERE ${[whereOf(range, [], bind), ...narrowed].join(" AND ")}
  ) AS stored INNER JOIN (
    SELECT tupleElement(ask, 1) AS n, tupleElement(ask, 2) AS k, tupleElement(ask, 3) AS since, tupleElement(ask, 4) AS till
    FROM (SELECT arrayJoin(arrayZip(${columns.join(", ")})) AS ask)
  ) AS asked ON stored.k = asked.k WHERE stored.at >= asked.since AND stored.at <= asked.till`;
  return { sql, params: bind.params };
}

const textOf = ({ kind, sql }: FieldRef): string =>
  kind === "time" ? `toString(toUnixTimestamp64Milli(${sql}))` : `toString(${sql})`;

const asText = ({ kind }: FieldRef, value: string): string =>
  kind === "time" ? String(Date.parse(value)) : value;

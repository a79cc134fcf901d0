import type { Event } from "@vedette/sdk";
import { Binder, fieldOf, whereOf } from "../api/search/index.ts";
import type { Store } from "../store/index.ts";

const idsAtOnce = 1_000;
/** An event whose own time is not said gets that of its first call; that far back it is looked for. */
const marginMs = 86_400_000;

/** What is asked of the store before a plugin's events are stored. */
export interface KnownEvents {
  /** Ids of these events that the store has. */
  ids(events: readonly Event[], signal: AbortSignal): Promise<Set<string>>;
  /** Id of the oldest event of the data type around a time, with these values. */
  like(
    dataType: string,
    around: { readonly time: number; readonly withinMs: number },
    values: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<string | undefined>;
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
    async like(dataType, { time, withinMs }, values, signal) {
      const bind = new Binder();
      const conditions = [...new Map([["dataType", dataType], ...values])].map(([path, value]) => ({
        ...({ kind: "compare", operator: "eq", negated: false } as const),
        ...{ field: fieldOf(path, "same"), values: [value], numbers: [Number(value)] },
      }));
      const where = whereOf({ from: time - withinMs, to: time + withinMs + 1 }, conditions, bind);
      const sql = `SELECT id FROM events WHERE ${where} ORDER BY timestamp LIMIT 1`;
      return (await store.query<{ id: string }>(sql, bind.params, { signal }))[0]?.id;
    },
  };
}

import type { Deps } from "@vedette/sdk";
import { pause } from "../bounded/index.ts";
import type { Store } from "../store/index.ts";
import { metricSql, metrics } from "./metrics.ts";

interface RollupDeps extends Deps {
  readonly store: Pick<Store, "query" | "insertRows">;
  /** Days that each retention keeps; 0 keeps for ever. */
  readonly keptDays: readonly number[];
}

const [firstMs, hourMs] = [60_000, 3_600_000];
const dayMs = 24 * hourMs;
/** Days that are looked at again for events that came late; all of them at the start. */
const lookBackDays = 8;
const limits = { maxSeconds: 300 } as const;

interface Row {
  readonly tenantId: string;
  readonly key: string;
  readonly value: string | number;
}

/**
 * Counts by day that outlive events. Each is made of what is stored, a day as a whole: whatever was repeated, late or written by
 * another collector is counted once. A day is counted anew while it has more events than were counted, and never again once
 * some of it may have been deleted.
 */
export class Rollups {
  readonly #deps: RollupDeps;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  #running: Promise<void> | undefined;

  constructor(deps: RollupDeps) {
    this.#deps = deps;
    this.#signal = AbortSignal.any([deps.signal, this.#ending.signal]);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  /** Counts the days that need it; gives them. `everything`: looks at all days, not only the last ones. */
  async roll(everything = false): Promise<string[]> {
    const since = everything ? 0 : this.#deps.clock.now() - lookBackDays * dayMs;
    const stored = await this.#countsOf(
      `SELECT toString(toDate(timestamp)) AS name, count() AS n FROM events
       WHERE timestamp >= fromUnixTimestamp64Milli({since:Int64}) GROUP BY name`,
      since,
    );
    const counted = await this.#countsOf(
      `SELECT toString(day) AS name, sum(value) AS n FROM rollups
       WHERE metric = 'events' AND day >= toDate(fromUnixTimestamp64Milli({since:Int64}))
       AND (day, madeAt) GLOBAL IN (SELECT day, max(madeAt) FROM rollups GROUP BY day) GROUP BY name`,
      since,
    );
    const due = [...stored].filter(([day, n]) => n > (counted.get(day) ?? 0) && this.#isWhole(day, counted));
    for (const [day] of due.sort(([a], [b]) => (a < b ? -1 : 1))) await this.#day(day);
    return due.map(([day]) => day);
  }

  async #run(): Promise<void> {
    // A collector has more urgent things to do when it starts.
    await pause(firstMs, this.#signal);
    for (let everything = true; !this.#signal.aborted; ) {
      try {
        const days = await this.roll(everything);
        everything = false;
        if (days.length > 0) this.#deps.log.debug({ days: days.length }, "Days were counted.");
      } catch (error) {
        if (!this.#signal.aborted) this.#deps.log.warn({ error }, "Days could not be counted, will retry.");
      }
      await pause(hourMs, this.#signal);
    }
  }

  /** Whether nothing of a day can have been deleted yet. One that was never counted is better counted late than not at all. */
  #isWhole(day: string, counted: ReadonlyMap<string, number>): boolean {
    const kept = this.#deps.keptDays.filter((days) => days > 0);
    const until = Date.parse(day) + (Math.min(...kept, 36_500) - 1) * dayMs;
    return !counted.has(day) || this.#deps.clock.now() < until;
  }

  async #day(day: string): Promise<void> {
    const { store, clock } = this.#deps;
    const madeAt = new Date(clock.now()).toISOString();
    const rows: object[] = [];
    for (const metric of metrics) {
      const found = await store.query<Row>(
        metricSql(metric),
        { day: `${day} 00:00:00` },
        { signal: this.#signal, limits },
      );
      for (const { tenantId, key, value } of found)
        rows.push({ day, tenantId, metric: metric.name, key, value: Number(value), madeAt });
    }
    await store.insertRows("rollups", rows, `rollup:${day}:${madeAt}`, this.#signal);
  }

  async #countsOf(sql: string, since: number): Promise<Map<string, number>> {
    const options = { signal: this.#signal, limits };
    const rows = await this.#deps.store.query<{ name: string; n: string | number }>(sql, { since }, options);
    return new Map(rows.map(({ name, n }) => [name, Number(n)]));
  }
}

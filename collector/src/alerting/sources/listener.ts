import type { Batch, Codes } from "@vedette/core/batch";
import { defaultTenant } from "@vedette/sdk";
import { Lru } from "../../bounded/index.ts";
import type { SourceName } from "./rhythm.ts";

/** When a source was heard since it was last asked for. */
export interface Heard extends SourceName {
  readonly from: number;
  readonly to: number;
  /** The longest time between two batches. */
  readonly pause: number;
}

interface Entry extends SourceName {
  from: number;
  to: number;
  pause: number;
}

/** Notes which sources batches are from. Bounded: of too many the one that was heard longest ago is left out, and counted. */
export class SourceListener {
  readonly #entries: Lru<string, Entry>;

  constructor(limit: number) {
    this.#entries = new Lru(limit);
  }

  get leftOut(): number {
    return this.#entries.evicted;
  }

  /** `now` in milliseconds since 1970. */
  hear(batches: readonly Batch[], now: number): void {
    for (const { header, columns, rows } of batches) {
      // What collectors say of themselves comes when something happens: its absence is no silence.
      if (/^vedette(\.|$)/.test(header.dataType)) continue;
      const [sources, tenants] = [columns.get("dataSource"), columns.get("tenantId")];
      if (sources?.kind !== "text") continue;
      const tenantCodes = tenants?.kind === "text" ? tenants.codes() : undefined;
      for (const [tenantId, dataSource] of pairsOf(rows, tenantCodes, sources.codes()))
        this.#note({ tenantId: tenantId || noTenant, dataType: header.dataType, dataSource }, now);
    }
  }

  #note({ tenantId, dataType, dataSource }: SourceName, now: number): void {
    if (dataSource === "") return;
    const key = `${tenantId}\n${dataType}\n${dataSource}`;
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#entries.set(key, { tenantId, dataType, dataSource, from: now, to: now, pause: 0 });
      return;
    }
    entry.pause = Math.max(entry.pause, now - entry.to);
    entry.to = now;
  }

  /** Takes out what was heard, the longest waiting first, so many at most. */
  take(most: number): Heard[] {
    const taken: Heard[] = [];
    for (let next = this.#entries.oldest(); next && taken.length < most; next = this.#entries.oldest()) {
      taken.push(next.value);
      this.#entries.delete(next.key);
    }
    return taken;
  }

  /** Puts back what could not be kept. */
  putBack(heard: readonly Heard[]): void {
    for (const { from, to, ...name } of heard) for (const time of [from, to]) this.#note(name, time);
  }
}

const noTenant = defaultTenant.id;

/** Every pair of tenant and source that rows have, once, in the order of their coming. By codes: rows are many, and pairs are few. */
function pairsOf(
  rows: number,
  tenants: Codes | undefined,
  sources: Codes,
): (readonly [tenant: string, source: string])[] {
  const count = sources.keys.length;
  const seen = new Set<number>();
  let last = -1;
  for (let row = 0; row < rows; row++) {
    const pair = (tenants ? tenants.index[row]! * count : 0) + sources.index[row]!;
    if (pair !== last) seen.add(pair);
    last = pair;
  }
  return Array.from(seen, (pair) => [
    tenants?.keys[Math.floor(pair / count)] ?? "",
    sources.keys[pair % count]!,
  ]);
}

import type { Batch } from "@vedette/core/batch";
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
    for (const { header, columns } of batches) {
      // What collectors say of themselves comes when something happens: its absence is no silence.
      if (/^vedette(\.|$)/.test(header.dataType)) continue;
      const column = columns.get("dataSource");
      const names = column?.kind === "text" ? column.codes().keys : [];
      for (const dataSource of names) if (dataSource !== "") this.#note(header.dataType, dataSource, now);
    }
  }

  #note(dataType: string, dataSource: string, now: number): void {
    const key = `${dataType}\n${dataSource}`;
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#entries.set(key, { dataType, dataSource, from: now, to: now, pause: 0 });
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
    for (const { dataType, dataSource, from, to } of heard)
      for (const time of [from, to]) this.#note(dataType, dataSource, time);
  }
}

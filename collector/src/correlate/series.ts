import type { EventRef } from "./bodies.ts";
import type { TermTest } from "./terms.ts";

/** One remembered event of a series. */
export interface Sighting {
  readonly ref: EventRef;
  /** Event time, milliseconds since 1970. */
  readonly time: number;
  /** Order of arrival. */
  readonly seq: number;
  /** Values of the subscription's kept fields. */
  readonly kept: readonly unknown[] | undefined;
}

/** What a search looks for in a series. */
export interface Window {
  /** Earliest and latest event time, both included. */
  readonly from: number;
  readonly to: number;
  /** Events that arrived later are not seen. */
  readonly seq: number;
  readonly count: number;
  readonly tests: readonly { readonly at: number; readonly test: TermTest }[];
}

export interface Found {
  /** Hits, counted up to the wanted number. */
  readonly hits: number;
  /** The newest hits, newest first. */
  readonly sample: readonly Sighting[];
}

/** Hits of a search shown in an alert, the triggering event not counted. */
export const sampleSize = 10;

/** The events of one key, ordered by event time: the last `keep` that came, up to twice that before a trim. */
export class Series {
  #sightings: Sighting[] = [];
  /** Only for long series; a short one is searched faster. */
  #byId: Map<string, Sighting> | undefined;
  /** When it was last added to, by the collector's clock. */
  touched = 0;

  get size(): number {
    return this.#sightings.length;
  }

  sightings(): readonly Sighting[] {
    return this.#sightings;
  }

  /** The sighting of an event that is here already. */
  find(id: string): Sighting | undefined {
    if (this.#byId) return this.#byId.get(id);
    for (let i = this.#sightings.length - 1; i >= 0; i--) {
      if (this.#sightings[i]!.ref.id === id) return this.#sightings[i];
    }
    return undefined;
  }

  /** Adds in order of time and gives the sightings that had to leave. */
  add(sighting: Sighting, keep: number): readonly Sighting[] {
    const list = this.#sightings;
    let at = list.length;
    while (at > 0 && list[at - 1]!.time > sighting.time) at--;
    if (at === list.length) list.push(sighting);
    else list.splice(at, 0, sighting);
    this.#byId?.set(sighting.ref.id, sighting);
    if (list.length > indexFrom) this.#byId ??= new Map(list.map((each) => [each.ref.id, each]));
    return list.length > keep * 2 ? this.#trim(keep) : none;
  }

  /** Keeps the last to arrive, not the latest by time: a clock that once ran ahead must not crowd out the present. */
  #trim(keep: number): readonly Sighting[] {
    const arrivals = this.#sightings.map((each) => each.seq).sort((a, b) => a - b);
    const first = arrivals[arrivals.length - keep]!;
    const gone = this.#sightings.filter((each) => each.seq < first);
    this.#sightings = this.#sightings.filter((each) => each.seq >= first);
    for (const each of gone) this.#byId?.delete(each.ref.id);
    return gone;
  }

  search({ from, to, seq, count, tests }: Window): Found {
    let hits = 0;
    const sample: Sighting[] = [];
    for (let i = this.#sightings.length - 1; i >= 0; i--) {
      const sighting = this.#sightings[i]!;
      if (sighting.time < from) break;
      if (sighting.time > to || sighting.seq > seq) continue;
      if (!tests.every(({ at, test }) => test(sighting.kept?.[at]))) continue;
      hits++;
      // One more than shown: the triggering event may be among them.
      if (sample.length <= sampleSize) sample.push(sighting);
      else if (hits >= count) break;
    }
    return { hits, sample };
  }
}

const none: readonly Sighting[] = [];
/** Length from which a series is indexed by event id. */
const indexFrom = 64;

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
  /** The newest hits, newest first; one more than are shown, for the triggering event may be among them. None where the count is not reached. */
  readonly sample: readonly Sighting[];
}

/** Hits of a search shown in an alert, the triggering event not counted. */
export const sampleSize = 10;

/**
 * The events of one key, ordered by event time: the last `keep` that came, up to twice that before a trim.
 * Times and order lie in lists of their own: a search runs over plain numbers and looks at no event that it does not show.
 */
export class Series {
  #sightings: Sighting[] = empty as Sighting[];
  #times: number[] = empty as number[];
  #seqs: number[] = empty as number[];
  /** Only for longer series; a short one is searched faster. */
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
    const list = this.#sightings;
    // Mostly it is asked for just after it was filed.
    if (list.at(-1)?.ref.id === id) return list.at(-1);
    if (this.#byId) return this.#byId.get(id);
    for (let i = list.length - 2; i >= 0; i--) if (list[i]!.ref.id === id) return list[i];
    return undefined;
  }

  /** Adds in order of time and gives the sightings that had to leave. */
  add(sighting: Sighting, keep: number): readonly Sighting[] {
    const times = this.#times;
    if (times.length === 0) {
      // Most keys have one event only. A list that is made with it takes a tenth of the memory of one that grows.
      this.#times = [sighting.time];
      this.#seqs = [sighting.seq];
      this.#sightings = [sighting];
      return none;
    }
    let at = times.length;
    while (at > 0 && times[at - 1]! > sighting.time) at--;
    if (at === times.length) {
      times.push(sighting.time);
      this.#seqs.push(sighting.seq);
      this.#sightings.push(sighting);
    } else {
      times.splice(at, 0, sighting.time);
      this.#seqs.splice(at, 0, sighting.seq);
      this.#sightings.splice(at, 0, sighting);
    }
    this.#byId?.set(sighting.ref.id, sighting);
    if (times.length > indexFrom) this.#byId ??= new Map(this.#sightings.map((each) => [each.ref.id, each]));
    return times.length > keep * 2 ? this.#trim(keep) : none;
  }

  /** Keeps the last to arrive, not the latest by time: a clock that once ran ahead must not crowd out the present. */
  #trim(keep: number): readonly Sighting[] {
    const arrivals = this.#seqs.toSorted((a, b) => a - b);
    const first = arrivals[arrivals.length - keep]!;
    const gone = this.#sightings.filter((each) => each.seq < first);
    this.#sightings = this.#sightings.filter((each) => each.seq >= first);
    this.#times = this.#sightings.map((each) => each.time);
    this.#seqs = this.#sightings.map((each) => each.seq);
    for (const each of gone) this.#byId?.delete(each.ref.id);
    return gone;
  }

  search(window: Window): Found {
    const hits = this.#hits(window, window.count);
    // Most searches do not reach their count; then nothing is shown.
    if (hits < window.count) return { hits, sample: none };
    const sample: Sighting[] = [];
    return { hits: Math.max(hits, this.#hits(window, sampleSize + 1, sample)), sample };
  }

  /** Counts hits up to `most`, newest first, and puts them into `sample`. */
  #hits({ from, to, seq, tests }: Window, most: number, sample?: Sighting[]): number {
    const times = this.#times;
    const seqs = this.#seqs;
    let hits = 0;
    for (let i = times.length - 1; i >= 0 && hits < most; i--) {
      if (times[i]! < from) break;
      if (times[i]! > to || seqs[i]! > seq) continue;
      if (tests.length > 0) {
        const { kept } = this.#sightings[i]!;
        if (!tests.every(({ at, test }) => test(kept?.[at]))) continue;
      }
      hits++;
      sample?.push(this.#sightings[i]!);
    }
    return hits;
  }
}

const none: readonly Sighting[] = [];
/** Of all series that nothing was added to; never changed. */
const empty: readonly unknown[] = [];
/** Length from which a series is indexed by event id. */
const indexFrom = 12;

import { type Bounds, leastOf, rising, within } from "./bounds.ts";

/** What is counted or computed of the events of a window. */
export type MeasureKind = "count" | "distinct" | "sum" | "average" | "percentile";

/** One demand on a window. */
export interface Measure {
  readonly kind: MeasureKind;
  /** Of a percentile, 0 to 100. */
  readonly percentile?: number;
  readonly bounds: Bounds;
}

/** Whether what holds for a window holds for it with further events too. */
export const measureRises = ({ kind, bounds }: Measure): boolean =>
  (kind === "count" || kind === "distinct") && rising(bounds);

/** The least number of events for which a measure may hold. */
export const leastEvents = ({ kind, bounds }: Measure): number =>
  kind === "count" || kind === "distinct" ? Math.max(1, leastOf(bounds)) : 1;

/** A value of a window that is kept while events come and go, never counted anew. */
export interface Tally {
  add(datum: number): void;
  remove(datum: number): void;
  clear(): void;
  /** Undefined where it has none, such as the average of nothing. */
  readonly value: number | undefined;
}

class Count implements Tally {
  value = 0;
  add(): void {
    this.value++;
  }
  remove(): void {
    this.value--;
  }
  clear(): void {
    this.value = 0;
  }
}

class Distinct implements Tally {
  readonly #counts = new Map<number, number>();
  get value(): number {
    return this.#counts.size;
  }
  add(datum: number): void {
    this.#counts.set(datum, (this.#counts.get(datum) ?? 0) + 1);
  }
  remove(datum: number): void {
    const left = (this.#counts.get(datum) ?? 1) - 1;
    if (left === 0) this.#counts.delete(datum);
    else this.#counts.set(datum, left);
  }
  clear(): void {
    this.#counts.clear();
  }
}

class Sum implements Tally {
  readonly #average: boolean;
  #sum = 0;
  /** What rounding took from the sum (Neumaier), so that adding and removing for days does not drift. */
  #lost = 0;
  #count = 0;

  constructor(average: boolean) {
    this.#average = average;
  }
  get value(): number | undefined {
    if (this.#count === 0) return undefined;
    const sum = this.#sum + this.#lost;
    return this.#average ? sum / this.#count : sum;
  }
  #put(datum: number): void {
    const sum = this.#sum + datum;
    this.#lost += Math.abs(this.#sum) >= Math.abs(datum) ? this.#sum - sum + datum : datum - sum + this.#sum;
    this.#sum = sum;
  }
  add(datum: number): void {
    this.#count++;
    this.#put(datum);
  }
  remove(datum: number): void {
    this.#count--;
    if (this.#count === 0) this.clear();
    else this.#put(-datum);
  }
  clear(): void {
    this.#sum = 0;
    this.#lost = 0;
    this.#count = 0;
  }
}

/** The nearest rank: the least value that at least so many percent of all are no larger than. */
class Percentile implements Tally {
  readonly #percentile: number;
  readonly #sorted: number[] = [];
  constructor(percentile: number) {
    this.#percentile = percentile;
  }
  get value(): number | undefined {
    const { length } = this.#sorted;
    return this.#sorted[Math.max(0, Math.ceil((this.#percentile / 100) * length) - 1)];
  }
  #place(datum: number): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle]! < datum) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  add(datum: number): void {
    this.#sorted.splice(this.#place(datum), 0, datum);
  }
  remove(datum: number): void {
    this.#sorted.splice(this.#place(datum), 1);
  }
  clear(): void {
    this.#sorted.length = 0;
  }
}

export function tallyOf({ kind, percentile = 50 }: Measure): Tally {
  switch (kind) {
    case "count":
      return new Count();
    case "distinct":
      return new Distinct();
    case "sum":
      return new Sum(false);
    case "average":
      return new Sum(true);
    case "percentile":
      return new Percentile(percentile);
  }
}

/** Whether tallies satisfy their measures, one each. */
export function satisfied(measures: readonly Measure[], tallies: readonly Tally[]): boolean {
  for (let at = 0; at < measures.length; at++) {
    const { value } = tallies[at]!;
    if (value === undefined || !within(measures[at]!.bounds, value)) return false;
  }
  return true;
}

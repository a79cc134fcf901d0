import type { StepCounters } from "../../plan.ts";
import type { Counted } from "./rounds.ts";
import { type BlockSpace, blockRows, NoBlock } from "./space.ts";

/** Masks that can be counted with one call. */
const mostMasks = 2_000;

/** What grows by the ones of a mask, for the rows that were written. */
export type Tally =
  /** A number of the program's `Counts`. */
  | { readonly at: number }
  /** Counters of a step inside another one. */
  | { readonly counters: StepCounters; readonly key: "runs" | "missed" }
  /** Several of these at once. */
  | Counted
  /** Rows that reached a step inside another one: those in which it did not run skipped it. */
  | { readonly skipped: StepCounters };

/** The masks of a pipeline whose ones are counted, one behind the other. */
export class Tallies {
  readonly #space: BlockSpace;
  readonly #base: number;
  readonly #most: number;
  readonly #tallies: (readonly Tally[])[] = [];

  /** Throws NoBlock where there are too many. */
  constructor(space: BlockSpace, masks: number) {
    if (masks > mostMasks) throw new NoBlock("it has too many steps");
    this.#space = space;
    this.#most = masks;
    this.#base = space.kernel.take(masks * blockRows + 16);
  }

  /** Where the next mask will lie. */
  get next(): number {
    return this.#base + this.#tallies.length * blockRows;
  }

  /** A mask whose ones are added to what `tallies` says. */
  mask(...tallies: readonly Tally[]): number {
    if (this.#tallies.length >= this.#most) throw new Error("More masks are counted than were asked for.");
    const at = this.next;
    this.#tallies.push(tallies);
    return at;
  }

  /** Says what a mask of no tallies counts. */
  fill(mask: number, ...tallies: readonly Tally[]): void {
    this.#tallies[(mask - this.#base) / blockRows] = tallies;
  }

  /** Counts rows of the block. `values` are those of `Counts`. */
  count(values: Float64Array, first: number, count: number): void {
    const tallies = this.#tallies;
    const sums = this.#space.kernel.counts(this.#base, blockRows, tallies.length, first, count);
    for (let mask = 0; mask < tallies.length; mask++) {
      const sum = sums[mask]!;
      if (sum === 0) continue;
      for (const tally of tallies[mask]!) {
        if ("at" in tally) values[tally.at]! += sum;
        else if ("each" in tally) {
          const { counters, each } = tally;
          counters.runs += sum * each.runs;
          counters.skipped += sum * each.skipped;
          counters.missed += sum * each.missed;
        } else if ("key" in tally) {
          tally.counters[tally.key] += sum;
          if (tally.key === "runs") tally.counters.skipped -= sum;
        } else tally.skipped.skipped += sum;
      }
    }
  }
}

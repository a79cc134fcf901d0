import type { Texts } from "@vedette/core/batch";
import { type NeedleSearch, needleSearchSteps } from "@vedette/core/kernels";
import type { Filter, Leaf } from "./filter.ts";

/** Values of a column in which a condition holds, each once, by the name of the condition; no entry where there are none. */
export type Hits = ReadonlyMap<string, readonly number[]>;

const none: readonly number[] = [];

/** Looks for the literals of all conditions on one path together. */
export class PathScan {
  readonly #leaves: readonly Leaf[];
  readonly #search: NeedleSearch;
  /** The leaf of each needle. */
  readonly #leafOf: readonly number[];
  /** Texts up to it no leaf has to be asked for in any case. */
  readonly #shortestLimit: number;

  private constructor(leaves: readonly Leaf[], search: NeedleSearch, leafOf: readonly number[]) {
    this.#leaves = leaves;
    this.#search = search;
    this.#leafOf = leafOf;
    this.#shortestLimit = Math.min(...new Set(leaves.map(({ literal }) => literal!.longest)));
  }

  static *of(leaves: readonly Leaf[]): Generator<void, PathScan> {
    const needles = leaves.flatMap(({ literal }) => literal!.needles);
    const leafOf = leaves.flatMap(({ literal }, at) => literal!.needles.map(() => at));
    return new PathScan(leaves, yield* needleSearchSteps(needles), leafOf);
  }

  /** Whether it looks for these conditions: equal ones have equal names. */
  isOf(leaves: readonly Leaf[]): boolean {
    return (
      leaves.length === this.#leaves.length && leaves.every(({ name }, at) => name === this.#leaves[at]!.name)
    );
  }

  run(texts: Texts): Hits {
    const hits = new Map<number, number[]>();
    this.#search.run(texts, (needle, value) => {
      const leaf = this.#leafOf[needle]!;
      const values = hits.get(leaf);
      // A needle that stands in a value several times, or several needles of one condition.
      if (!values) hits.set(leaf, [value]);
      else if (values.at(-1) !== value) values.push(value);
    });
    const longest = longestOf(texts);
    if (longest > this.#shortestLimit) {
      for (const [at, { literal }] of this.#leaves.entries()) {
        if (longest > literal!.longest && !hits.has(at)) hits.set(at, []);
      }
    }
    const found = new Map<string, readonly number[]>();
    for (const [at, values] of hits) {
      const leaf = this.#leaves[at]!;
      found.set(leaf.name, checked(leaf, values, texts, longest));
    }
    return found;
  }
}

/** The values that a condition itself lets pass, each once. */
function checked({ literal, test }: Leaf, hits: number[], texts: Texts, longest: number): readonly number[] {
  const { bytes, bounds, count } = texts;
  const { exact } = literal!;
  if (longest > literal!.longest) {
    for (let value = 0; value < count; value++) {
      if (bounds[value * 2 + 1]! - bounds[value * 2]! > literal!.longest) hits.push(value);
    }
  } else if (hits.length === 0) return none;
  const values = [...new Set(hits)];
  if (exact) return values;
  return values.filter((value) => test(bytes.toString("utf8", bounds[value * 2], bounds[value * 2 + 1])));
}

function longestOf({ bounds, count }: Texts): number {
  let longest = 0;
  for (let at = 0; at < count * 2; at += 2) {
    const size = bounds[at + 1]! - bounds[at]!;
    if (size > longest) longest = size;
  }
  return longest;
}

const filtersAStep = 64;

/** One scan for each path whose conditions have literals, step by step; those of before that look for the same are taken on. */
export function* scansOf(
  filters: readonly Filter[],
  before?: ReadonlyMap<string, PathScan>,
): Generator<void, ReadonlyMap<string, PathScan>> {
  const byPath = new Map<string, Map<string, Leaf>>();
  const visit = (filter: Filter): void => {
    if (filter.kind === "any") return;
    if (filter.kind !== "leaf") {
      for (const part of filter.parts) visit(part);
      return;
    }
    const { leaf } = filter;
    if (!leaf.literal) return;
    const leaves = byPath.get(leaf.path) ?? new Map<string, Leaf>();
    leaves.set(leaf.name, leaf);
    byPath.set(leaf.path, leaves);
  };
  for (const [at, filter] of filters.entries()) {
    visit(filter);
    if (at % filtersAStep === 0) yield;
  }
  const scans = new Map<string, PathScan>();
  for (const [path, leaves] of byPath) {
    // In the order of their names, so that a rule in another place makes no other scan.
    const sorted = [...leaves.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const same = before?.get(path);
    scans.set(path, same?.isOf(sorted) ? same : yield* PathScan.of(sorted));
    yield;
  }
  return scans;
}

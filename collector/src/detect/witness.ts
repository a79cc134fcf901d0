import type { BatchFilters } from "./bind.ts";
import type { Filter, Leaf } from "./filter.ts";

/**
 * Which filters can let any row of a batch pass, told by what was found in its columns: of each filter some conditions are
 * known of which one must hold, so a filter none of whose conditions was found need not be looked at.
 */
export class Witnesses {
  readonly #filters: number;
  /** Filters that have no such conditions. */
  readonly #open: readonly number[];
  /** Of each path: the filters that a condition on it may let pass, by the name of the condition. */
  readonly #byPath = new Map<string, Map<string, number[]>>();

  constructor(filters: readonly Filter[]) {
    this.#filters = filters.length;
    const open: number[] = [];
    for (const [at, filter] of filters.entries()) {
      const leaves = witnessOf(filter);
      if (!leaves) open.push(at);
      else for (const leaf of leaves) this.#add(leaf, at);
    }
    this.#open = open;
  }

  #add({ path, name }: Leaf, filter: number): void {
    const names = this.#byPath.get(path) ?? new Map<string, number[]>();
    this.#byPath.set(path, names);
    const filters = names.get(name);
    if (filters) filters.push(filter);
    else names.set(name, [filter]);
  }

  /** A one for each filter that must be looked at. */
  among(batch: BatchFilters): Uint8Array {
    const marked = new Uint8Array(this.#filters);
    for (const at of this.#open) marked[at] = 1;
    for (const [path, names] of this.#byPath) {
      const found = batch.found(path);
      if (found === undefined) for (const filters of names.values()) for (const at of filters) marked[at] = 1;
      else {
        for (const [name, values] of found) {
          if (values.length > 0) for (const at of names.get(name) ?? []) marked[at] = 1;
        }
      }
    }
    return marked;
  }
}

/** Conditions with literals, one of which must hold for a filter to let a row pass; the fewest literals that can be had. */
function witnessOf(filter: Filter): readonly Leaf[] | undefined {
  switch (filter.kind) {
    case "any":
      return undefined;
    case "leaf":
      return filter.leaf.literal && !holdsWithout(filter.leaf) ? [filter.leaf] : undefined;
    case "or": {
      const all: Leaf[] = [];
      for (const part of filter.parts) {
        const leaves = witnessOf(part);
        if (!leaves) return undefined;
        all.push(...leaves);
      }
      return all;
    }
    case "and": {
      let best: readonly Leaf[] | undefined;
      for (const part of filter.parts) {
        const leaves = witnessOf(part);
        if (leaves && (!best || commonnessOf(leaves) < commonnessOf(best))) best = leaves;
      }
      return best;
    }
  }
}

function holdsWithout(leaf: Leaf): boolean {
  try {
    return leaf.test(undefined);
  } catch {
    return true;
  }
}

/** How often some literals are to be expected: short ones more often. */
const commonnessOf = (leaves: readonly Leaf[]): number =>
  leaves.reduce(
    (sum, { literal }) => sum + literal!.needles.reduce((each, { text }) => each + 1 / text.length ** 2, 0),
    0,
  );

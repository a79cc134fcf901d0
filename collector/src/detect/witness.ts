import type { BatchFilters } from "./bind.ts";
import type { Filter, Leaf } from "./filter.ts";

/** Parts of a filter that are looked at: a bit each. */
const maxParts = 31;
const filtersAStep = 64;

/**
 * Which filters can let any row of a batch pass, told by what was found in its columns. Of each filter parts are known that must
 * hold together, and of each part conditions of which one must hold: where a part has none that was found, the filter need
 * not be looked at. All parts count, because some hold for every event, such as the name of its source.
 */
export class Witnesses {
  /** The bits of each filter's parts. */
  readonly #wanted: Uint32Array;
  /** Of each path: the parts that a condition on it may let hold, by the name of the condition; a filter times 32 and its bit. */
  readonly #byPath = new Map<string, Map<string, number[]>>();

  private constructor(count: number) {
    this.#wanted = new Uint32Array(count);
  }

  /** Step by step. */
  static *of(filters: readonly Filter[]): Generator<void, Witnesses> {
    const witnesses = new Witnesses(filters.length);
    for (const [at, filter] of filters.entries()) {
      witnesses.#note(filter, at);
      if (at % filtersAStep === 0) yield;
    }
    return witnesses;
  }

  #note(filter: Filter, at: number): void {
    for (const [part, leaves] of partsOf(filter).slice(0, maxParts).entries()) {
      this.#wanted[at]! |= 1 << part;
      for (const leaf of leaves) this.#add(leaf, at * 32 + part);
    }
  }

  #add({ path, name }: Leaf, part: number): void {
    const names = this.#byPath.get(path) ?? new Map<string, number[]>();
    this.#byPath.set(path, names);
    const parts = names.get(name);
    if (parts) parts.push(part);
    else names.set(name, [part]);
  }

  /** The filters that must be looked at, ascending. */
  among(batch: BatchFilters): number[] {
    const held = new Uint32Array(this.#wanted.length);
    const hold = (parts: readonly number[]): void => {
      for (const part of parts) held[part >>> 5]! |= 1 << (part & 31);
    };
    for (const [path, names] of this.#byPath) {
      const found = batch.found(path);
      if (found === undefined) for (const parts of names.values()) hold(parts);
      else {
        for (const [name, values] of found) {
          const parts = values.length > 0 ? names.get(name) : undefined;
          if (parts) hold(parts);
        }
      }
    }
    const among: number[] = [];
    for (const [at, wanted] of this.#wanted.entries()) if (held[at] === wanted) among.push(at);
    return among;
  }
}

/** Conditions of which one must hold, for each part of a filter that must hold. */
function partsOf(filter: Filter): (readonly Leaf[])[] {
  if (filter.kind === "and") return filter.parts.flatMap(partsOf);
  const leaves = witnessOf(filter);
  return leaves ? [leaves] : [];
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

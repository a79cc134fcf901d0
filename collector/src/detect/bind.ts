import { type Distinct, distinctOf } from "./distinct.ts";
import type { Filter, Leaf } from "./filter.ts";
import type { BatchPaths } from "./row-doc.ts";

/** A filter on the rows of one batch: no row, every row, or a test. */
export type RowFilter = boolean | ((row: number) => boolean);

/** Answers filters for one batch, each condition once per distinct value, shared by all rules. */
export class BatchFilters {
  readonly #paths: BatchPaths;
  readonly #distinct = new Map<string, Distinct | undefined>();
  readonly #answers = new Map<string, RowFilter>();

  constructor(paths: BatchPaths) {
    this.#paths = paths;
  }

  bind(filter: Filter): RowFilter {
    switch (filter.kind) {
      case "any":
        return true;
      case "leaf":
        return this.#leaf(filter.leaf);
      case "and":
        return this.#and(filter.parts);
      case "or":
        return this.#or(filter.parts);
    }
  }

  #and(parts: readonly Filter[]): RowFilter {
    const tests: ((row: number) => boolean)[] = [];
    for (const part of parts) {
      const bound = this.bind(part);
      // Later conditions are not even looked at once one has ruled the whole batch out.
      if (bound === false) return false;
      if (bound !== true) tests.push(bound);
    }
    const [first, second, third] = tests;
    if (!first) return true;
    if (!second) return first;
    if (!third) return (row) => first(row) && second(row);
    return (row) => tests.every((test) => test(row));
  }

  #or(parts: readonly Filter[]): RowFilter {
    const tests: ((row: number) => boolean)[] = [];
    for (const part of parts) {
      const bound = this.bind(part);
      if (bound === true) return true;
      if (bound !== false) tests.push(bound);
    }
    const [first, second, third] = tests;
    if (!first) return false;
    if (!second) return first;
    if (!third) return (row) => first(row) || second(row);
    return (row) => tests.some((test) => test(row));
  }

  #leaf(leaf: Leaf): RowFilter {
    let answer = this.#answers.get(leaf.name);
    if (answer === undefined) {
      answer = this.#decide(leaf);
      this.#answers.set(leaf.name, answer);
    }
    return answer;
  }

  #decide(leaf: Leaf): RowFilter {
    const reading = this.#paths.reading(leaf.path);
    if (reading.kind === "absent") return leaf.test(undefined);
    if (reading.kind === "event") return true;
    let distinct = this.#distinct.get(leaf.path);
    if (!distinct && !this.#distinct.has(leaf.path)) {
      distinct = distinctOf(reading.column);
      this.#distinct.set(leaf.path, distinct);
      if (reading.column.kind === "text") reading.codes = reading.column.codes();
    }
    return distinct ? testsOf(leaf, distinct) : true;
  }
}

function testsOf(leaf: Leaf, { values, index, ambiguous }: Distinct): RowFilter {
  const hits = new Uint8Array(values.length);
  let count = 0;
  for (let code = 0; code < values.length; code++) {
    if (leaf.test(values[code]) || (code === ambiguous && leaf.test(undefined))) {
      hits[code] = 1;
      count++;
    }
  }
  if (count === 0) return false;
  return count === values.length ? true : (row) => hits[index[row]!] === 1;
}

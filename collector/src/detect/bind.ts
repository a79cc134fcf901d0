import type { Column, Texts } from "@vedette/core/batch";
import { type Distinct, distinctOf } from "./distinct.ts";
import type { Filter, Leaf } from "./filter.ts";
import type { BatchPaths } from "./row-doc.ts";
import { addRow, both, countRows, either, isEmpty, noRows, type Rows } from "./rows.ts";
import type { Hits, PathScan } from "./scan.ts";

/** The rows of one batch that a filter lets pass: none, all, or these. */
export type RowFilter = boolean | Rows;

/** How many conditions the full evaluation of a row is worth: below that, a condition is not asked for all values. */
const rowWorth = 4;

const none: readonly number[] = [];
const nothing: Hits = new Map();

/** Answers filters for one batch, each condition once per distinct value, shared by all rules. */
export class BatchFilters {
  readonly #paths: BatchPaths;
  readonly #rows: number;
  readonly #scans: ReadonlyMap<string, PathScan>;
  readonly #hits = new Map<string, Hits>();
  readonly #distinct = new Map<string, Distinct | undefined>();
  readonly #answers = new Map<string, RowFilter>();
  /** Conditions whose answer is what each row's value itself gives. */
  readonly #sure = new Set<string>();

  constructor(paths: BatchPaths, rows: number, scans: ReadonlyMap<string, PathScan>) {
    this.#paths = paths;
    this.#rows = rows;
    this.#scans = scans;
  }

  /** What was found of literals in the column of a path: nothing where there is none, undefined where it cannot be searched. */
  found(path: string): Hits | undefined {
    const reading = this.#paths.reading(path);
    if (reading.kind === "absent") return nothing;
    const texts = reading.kind === "column" ? textsOf(reading.column) : undefined;
    const scan = this.#scans.get(path);
    return texts && scan && this.#hitsOf(path, scan, texts);
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

  /** Whether the rows that `bind` gave are exactly those for which a filter holds. Ask right behind it. */
  isSure(filter: Filter): boolean {
    if (filter.kind === "any") return false;
    if (filter.kind === "leaf") return this.#sure.has(filter.leaf.name);
    return filter.parts.every((part) => this.isSure(part));
  }

  /** Cheap conditions first; a dear one only where they leave more rows than it costs. */
  #and(parts: readonly Filter[]): RowFilter {
    const ordered = parts.map((part) => ({ part, cost: this.#cost(part) })).sort((a, b) => a.cost - b.cost);
    let rows: RowFilter = true;
    for (const { part, cost } of ordered) {
      if (rows !== true && cost > 0 && cost > countRows(rows) * rowWorth) break;
      const bound = this.bind(part);
      if (bound === false) return false;
      if (bound === true) continue;
      rows = rows === true ? bound : both(rows, bound);
      if (isEmpty(rows)) return false;
    }
    return rows;
  }

  #or(parts: readonly Filter[]): RowFilter {
    let rows: RowFilter = false;
    for (const part of parts) {
      const bound = this.bind(part);
      if (bound === true) return true;
      if (bound !== false) rows = rows === false ? bound : either(rows, bound);
    }
    return rows;
  }

  /** About how many values must be looked at to answer. */
  #cost(filter: Filter): number {
    if (filter.kind === "any") return 0;
    if (filter.kind !== "leaf") return filter.parts.reduce((sum, part) => sum + this.#cost(part), 0);
    const { leaf } = filter;
    if (this.#answers.has(leaf.name)) return 0;
    const reading = this.#paths.reading(leaf.path);
    if (reading.kind !== "column") return 0;
    const { column } = reading;
    const texts = textsOf(column);
    // The scan is made once for all rules, so no single one saves it.
    if (leaf.literal && texts && this.#scans.has(leaf.path)) return 0;
    if (leaf.presence) return this.#rows / 16;
    if (texts) return texts.index ? texts.count : this.#rows * 2;
    return this.#distinct.has(leaf.path) ? (this.#distinct.get(leaf.path)?.values.length ?? 0) : this.#rows;
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
    const faults = leaf.faults;
    if (reading.kind === "absent") {
      const holds = leaf.test(undefined);
      if (leaf.faults === faults) this.#sure.add(leaf.name);
      return holds;
    }
    if (reading.kind === "event") return true;
    const { column } = reading;
    if (leaf.presence) {
      if (column.kind === "text" || column.kind === "number") this.#sure.add(leaf.name);
      return this.#where((row) => column.has(row));
    }
    const texts = textsOf(column);
    const scan = leaf.literal && texts && this.#scans.get(leaf.path);
    if (scan) return this.#having(this.#hitsOf(leaf.path, scan, texts).get(leaf.name) ?? none, texts);
    let distinct = this.#distinct.get(leaf.path);
    if (!distinct && !this.#distinct.has(leaf.path)) {
      distinct = distinctOf(column);
      this.#distinct.set(leaf.path, distinct);
    }
    if (!distinct) return true;
    const passing = this.#passing(leaf, distinct);
    if (distinct.ambiguous < 0 && leaf.faults === faults) this.#sure.add(leaf.name);
    return passing;
  }

  #hitsOf(path: string, scan: PathScan, texts: Texts): Hits {
    let hits = this.#hits.get(path);
    if (!hits) {
      hits = scan.run(texts);
      this.#hits.set(path, hits);
    }
    return hits;
  }

  #where(test: (row: number) => boolean): RowFilter {
    const rows = noRows(this.#rows);
    let count = 0;
    for (let row = 0; row < this.#rows; row++) {
      if (!test(row)) continue;
      addRow(rows, row);
      count++;
    }
    return count === 0 ? false : count === this.#rows ? true : rows;
  }

  /** The rows whose value has a 1. */
  #ofValues(index: Distinct["index"], wanted: Uint8Array): RowFilter {
    const rows = noRows(this.#rows);
    let count = 0;
    for (let word = 0, row = 0; row < this.#rows; word++) {
      let bits = 0;
      for (const end = Math.min(row + 32, this.#rows); row < end; row++) {
        const is = wanted[index[row]!]!;
        bits |= is << (row & 31);
        count += is;
      }
      rows[word] = bits;
    }
    return count === 0 ? false : count === this.#rows ? true : rows;
  }

  /** The rows whose value is one of these. */
  #having(values: readonly number[], { index, count }: Texts): RowFilter {
    if (values.length === 0) return false;
    if (index) {
      const wanted = new Uint8Array(count);
      for (const value of values) wanted[value] = 1;
      return this.#ofValues(index, wanted);
    }
    const rows = noRows(this.#rows);
    for (const value of values) addRow(rows, value);
    return rows;
  }

  #passing(leaf: Leaf, { values, index, ambiguous }: Distinct): RowFilter {
    const wanted = new Uint8Array(values.length);
    let count = 0;
    for (let code = 0; code < values.length; code++) {
      if (leaf.test(values[code]) || (code === ambiguous && leaf.test(undefined))) {
        wanted[code] = 1;
        count++;
      }
    }
    if (count === 0) return false;
    return count === values.length ? true : this.#ofValues(index, wanted);
  }
}

const textsOf = (column: Column): Texts | undefined =>
  column.kind === "text" || column.kind === "dynamic" ? column.texts() : undefined;

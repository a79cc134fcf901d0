import type { ExportedNumber } from "./load.ts";

/** The exports of `assembly/block.ts`; places are offsets in its memory. */
export interface BlockCalls {
  readonly written: ExportedNumber;
  readonly spelled: ExportedNumber;
  readonly sliced: ExportedNumber;
  readonly sliceTexts: ExportedNumber;
  begin(
    bytes: number,
    rows: number,
    count: number,
    kinds: number,
    values: number,
    open: number,
    longest: number,
  ): number;
  spans(rows: number, first: number, count: number, from: number, to: number): number;
  clear(list: number, size: number, count: number): void;
  logic(operation: number, a: number, b: number, out: number, count: number): number;
  counts(base: number, stride: number, masks: number, first: number, count: number, out: number): void;
  exists(kinds: number, out: number, count: number): void;
  begins(
    kinds: number,
    values: number,
    out: number,
    count: number,
    list: number,
    size: number,
    firsts: number,
  ): number;
  among(numbers: number, table: number, first: number, last: number, out: number, count: number): void;
  words(
    kinds: number,
    values: number,
    mask: number,
    out: number,
    count: number,
    mode: number,
    list: number,
    size: number,
  ): number;
  compare(kinds: number, values: number, out: number, count: number, how: number, bound: number): number;
  test(
    kinds: number,
    values: number,
    mask: number,
    out: number,
    count: number,
    next: number,
    start: number,
    endings: number,
  ): number;
  cutRows(
    kinds: number,
    values: number,
    mask: number,
    count: number,
    program: number,
    parts: number,
    targets: number,
    scratch: number,
    missed: number,
    open: number,
  ): void;
  trim(
    how: number,
    kinds: number,
    values: number,
    mask: number,
    count: number,
    word: number,
    size: number,
    start: number,
    endings: number,
    found: number,
    open: number,
  ): void;
  trimWord(
    atEnd: number,
    kinds: number,
    values: number,
    mask: number,
    count: number,
    word: number,
    size: number,
    found: number,
    open: number,
  ): void;
  remove(kinds: number, mask: number, count: number, found: number): void;
  copy(kinds: number, values: number, toKinds: number, toValues: number, mask: number, count: number): void;
  move(
    kinds: number,
    values: number,
    toKinds: number,
    toValues: number,
    mask: number,
    count: number,
    found: number,
  ): void;
  mark(numbers: number, mask: number, count: number, number: number): void;
  mapped(numbers: number, first: number, count: number, table: number, out: number): void;
  seen(numbers: number, first: number, count: number): number;
  weigh(numbers: number, first: number, count: number, table: number): number;
  fill(kinds: number, values: number, mask: number, count: number, from: number, to: number): void;
  digits(
    kinds: number,
    values: number,
    mask: number,
    count: number,
    longest: number,
    found: number,
    open: number,
  ): number;
  check(kinds: number, values: number, count: number, allowed: number, open: number): void;
  bounded(kinds: number, values: number, count: number, most: number, whole: number, open: number): void;
  times(kinds: number, values: number, count: number, out: number, other: number): number;
  inNetwork(
    kinds: number,
    values: number,
    mask: number,
    out: number,
    count: number,
    network: number,
    bits: number,
    any: number,
  ): number;
  truncate(kinds: number, values: number, mask: number, count: number): void;
  jsonAdd(entry: number, heads: number): void;
  jsonRows(
    kinds: number,
    values: number,
    mask: number,
    wanted: number,
    count: number,
    root: number,
    heads: number,
    texts: number,
    list: number,
    status: number,
    open: number,
  ): number;
  pick(kinds: number, mask: number, out: number, count: number, open: number, opens: number): number;
  spreadTexts(values: number, ids: number, table: number, count: number, open: number): void;
  spreadNumbers(out: number, ids: number, table: number, count: number, open: number): void;
  booleansOf(kinds: number, values: number, mask: number, count: number): void;
  textBytes(kinds: number, values: number, first: number, count: number): number;
  distinct(
    kinds: number,
    values: number,
    first: number,
    count: number,
    ids: number,
    firsts: number,
    hashes: number,
    slots: number,
    bits: number,
    seed: bigint,
  ): number;
  texts(
    kinds: number,
    values: number,
    first: number,
    count: number,
    dense: number,
    out: number,
    room: number,
  ): number;
  slices(
    kinds: number,
    values: number,
    lines: number,
    first: number,
    count: number,
    dense: number,
    starts: number,
    sizes: number,
  ): number;
  any(kinds: number, first: number, count: number): number;
  kindsOf(kinds: number, first: number, count: number): number;
  types(kinds: number, first: number, count: number, low: number, high: number, out: number): void;
  forget(memo: number): void;
  keys(
    kinds: number,
    values: number,
    first: number,
    count: number,
    dense: number,
    narrow: number,
    memo: number,
    out: number,
    seed: bigint,
  ): number;
  numbers(
    kinds: number,
    values: number,
    first: number,
    count: number,
    layout: number,
    otherwise: number,
    out: number,
  ): void;
  wholes(kinds: number, values: number, first: number, count: number, out: number): number;
  booleans(kinds: number, values: number, first: number, count: number, out: number): number;
}

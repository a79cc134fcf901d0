import type { BlockSlot } from "../../../kernels/index.ts";
import { sanitizeName } from "../../paths/index.ts";
import { isSpace } from "./bytes.ts";
import type { RowStep } from "./row-step.ts";
import { type BlockSpace, kind } from "./space.ts";

/** The options of a `kv` that matter here. */
export interface KvOptions {
  readonly fieldSplit: string;
  readonly valueSplit: string;
  readonly quotes: "none" | "plain" | "escaped";
  readonly hex?: string | undefined;
}

/** A key as lines write it. */
interface Key {
  readonly bytes: Uint8Array;
  /** Undefined where nothing is left of its name. */
  readonly slot: BlockSlot | undefined;
  /** The last row that had it. */
  row: number;
}

const double = 34;
const single = 39;
const backslash = 92;
/** Pairs of a line, and keys that are remembered. */
const mostPairs = 1_024;
const mostKeys = 1_024;
const longestKey = 256;

/** Reads `key=value` pairs by their bytes. Lines with escapes, with keys that nest, or with more than it holds go to `other`. */
export class KvRows {
  readonly #space: BlockSpace;
  readonly #bytes: Uint8Array;
  readonly #between: number;
  readonly #equals: number;
  readonly #quotes: KvOptions["quotes"];
  readonly #keys = new Map<string, Key>();
  /** Keys in the order of the last line: the next one mostly has the same. */
  readonly #order: Key[] = [];
  #pairs = 0;
  #row = 0;

  /** Undefined for options of other forms. */
  static of(space: BlockSpace, options: KvOptions): KvRows | undefined {
    const { fieldSplit, valueSplit, hex } = options;
    const isByte = (text: string): boolean => /^[\0-\x7f]$/.test(text);
    const isPlain = isByte(fieldSplit) && isByte(valueSplit) && hex === undefined;
    return isPlain ? new KvRows(space, options) : undefined;
  }

  private constructor(space: BlockSpace, { fieldSplit, valueSplit, quotes }: KvOptions) {
    this.#space = space;
    this.#bytes = space.kernel.memory;
    this.#between = fieldSplit.charCodeAt(0);
    this.#equals = valueSplit.charCodeAt(0);
    this.#quotes = quotes;
  }

  /** Runs for the rows of a mask. */
  run(source: BlockSlot, other: RowStep, mask: number, missed: number): void {
    const space = this.#space;
    const memory = this.#bytes;
    const { kinds, places } = source;
    for (let row = 0; row < space.count; row++) {
      memory[missed + row] = 0;
      if (memory[mask + row] === 0) continue;
      const from = places[row * 2]!;
      const to = places[row * 2 + 1]!;
      if (kinds[row] !== kind.text) other.one(row, missed);
      else if (!this.#line(row, from, to)) other.again(row, from, to, missed);
    }
  }

  /** False where the line has another form; what was written then will be written again, or the row is opened. */
  #line(row: number, start: number, stop: number): boolean {
    const bytes = this.#bytes;
    let from = start;
    let to = stop;
    while (from < to && isSpace(bytes[from]!)) from++;
    while (to > from && isSpace(bytes[to - 1]!)) to--;
    this.#pairs = 0;
    this.#row++;
    const between = this.#between;
    const equals = this.#equals;
    const quoted = this.#quotes !== "none";
    for (let at = from; at < to; ) {
      let cut = at;
      while (cut < to && bytes[cut] !== equals && bytes[cut] !== between) cut++;
      if (cut === to) return true;
      // A word without a value.
      if (bytes[cut] !== equals) {
        at = cut + 1;
        continue;
      }
      const value = cut + 1;
      let end = value;
      if (quoted && value < to && this.#isQuote(bytes[value]!)) {
        end = this.#closing(value, to);
        if (end < 0 || !this.#take(row, at, cut, value + 1, end)) return false;
        end++;
      } else {
        while (end < to && bytes[end] !== between) end++;
        if (!this.#takeTrimmed(row, at, cut, value, end)) return false;
      }
      at = end;
      if (quoted) while (at < to && bytes[at] === between) at++;
      else at++;
    }
    return true;
  }

  #isQuote(byte: number): boolean {
    return byte === double || (byte === single && this.#quotes === "plain");
  }

  /** Where a quote is closed, or the text ends; below 0 where something is escaped. */
  #closing(open: number, to: number): number {
    const bytes = this.#bytes;
    const quote = bytes[open]!;
    const escapes = this.#quotes === "escaped";
    let end = open + 1;
    for (; end < to && bytes[end] !== quote; end++) if (escapes && bytes[end] === backslash) return -1;
    return end;
  }

  #takeTrimmed(row: number, key: number, cut: number, from: number, to: number): boolean {
    const bytes = this.#bytes;
    let start = from;
    let end = to;
    while (start < end && isSpace(bytes[start]!)) start++;
    while (end > start && isSpace(bytes[end - 1]!)) end--;
    return this.#take(row, key, cut, start, end);
  }

  #take(row: number, from: number, cut: number, start: number, end: number): boolean {
    const key = this.#keyAt(from, cut);
    if (!key) return false;
    // With quotes the first of two equal keys counts.
    if (key.row === this.#row && this.#quotes !== "none") return true;
    key.row = this.#row;
    const { slot } = key;
    if (!slot) return true;
    slot.kinds[row] = kind.text;
    slot.places[row * 2] = start;
    slot.places[row * 2 + 1] = end;
    return true;
  }

  /** Undefined for a key that nests, or one too many. */
  #keyAt(from: number, to: number): Key | undefined {
    const at = this.#pairs++;
    if (at >= mostPairs || to - from > longestKey) return undefined;
    const expected = this.#order[at];
    if (expected && this.#is(expected, from, to)) return expected;
    const text = this.#space.text(from, to);
    const key = this.#keys.get(text) ?? this.#newKey(text);
    if (key) this.#order[at] = key;
    return key;
  }

  #is({ bytes: wanted }: Key, from: number, to: number): boolean {
    if (wanted.length !== to - from) return false;
    const bytes = this.#bytes;
    for (let index = 0; index < wanted.length; index++)
      if (wanted[index] !== bytes[from + index]) return false;
    return true;
  }

  #newKey(text: string): Key | undefined {
    const segments = sanitizeName(text);
    if (segments.length > 1 || this.#keys.size >= mostKeys) return undefined;
    const [name] = segments;
    const slot = name === undefined ? undefined : this.#space.named(name);
    if (name !== undefined && !slot) return undefined;
    const key = { bytes: Buffer.from(text, "latin1"), slot, row: 0 };
    this.#keys.set(text, key);
    return key;
  }
}

import { MemberKernel } from "../../kernels/index.ts";
import type { LogKey, LogNames } from "./log-names.ts";
import { asciiText, slice } from "./slices.ts";

/** A key as it stands in the text, and the one that came behind it the last time. */
interface Seen {
  readonly bytes: Buffer;
  readonly text: string;
  readonly key: LogKey;
  next: Seen | undefined;
  /** The object it was last met in; one with the same key twice is left to the parser. */
  object: number;
}

/** Members of one object, and keys that are remembered; beyond, the parser does it. */
const maxMembers = 256;
const maxKeys = 4_096;
const maxKeyBytes = 256;
/** After so many tries in a row that failed the kernel is tried every 4,096 objects only. */
const mostFailed = 12;
/** Values by the kinds of the kernel. */
const byKind: readonly unknown[] = [undefined, slice, 0, true, false, null];
/** Digits of a number that is surely exact. */
const maxDigits = 15;

const quote = 34;
const backslash = 92;
const comma = 44;
const colon = 58;
const zero = 48;
/** Bytes that stand for themselves in a text. */
const plain = new Uint8Array(256)
  .fill(1, 32, 128)
  .fill(0, quote, quote + 1)
  .fill(0, backslash, backslash + 1);
const isSpace = (byte: number): boolean =>
  byte === 32 || (byte < 14 && (byte === 9 || byte === 10 || byte === 13));

/**
 * Takes flat JSON objects apart without parsing: loggers write the same keys in the same order, so a kernel takes objects with
 * the keys of the last one that it did not. For others, each key is compared
 * with the one that is expected, and values stay in the bytes of the line. Anything unusual (escapes, nested values, long
 * numbers, a key twice, mistakes) is refused as a whole, and the parser decides.
 */
export class FlatJson {
  readonly #keys = new Map<string, Seen>();
  #first: Seen | undefined;
  #object = 0;
  /** Members of the object that is being read. */
  readonly #members: Seen[] = [];
  readonly #values: unknown[] = [];
  readonly #from = new Uint32Array(maxMembers);
  readonly #to = new Uint32Array(maxMembers);
  /** Undefined until it was looked for, null where it is not to be had. */
  #kernel: MemberKernel | null | undefined;
  /** Whose keys the kernel expects. */
  #expected: readonly Seen[] = [];
  #failed = 0;
  /** Objects before the kernel is tried again. */
  #rest = 0;

  /** Puts the members of the object that ASCII bytes say into `names`; false where nothing was put. */
  take(names: LogNames, bytes: Uint8Array, from: number, to: number): boolean {
    const tries = this.#rest-- <= 0;
    if (tries && this.#known(names, bytes, from, to)) return true;
    const count = this.#read(names, bytes, from, to);
    if (count < 0) return false;
    if (tries) this.#expect(count);
    for (let at = 0; at < count; at++)
      names.set(this.#members[at]!.key, this.#values[at], this.#from[at]!, this.#to[at]!);
    return true;
  }

  /** As `take`, by the kernel, of an object that has the keys it expects; else it is not tried again at once. */
  #known(names: LogNames, bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#kernel === undefined) this.#kernel = MemberKernel.open() ?? null;
    const kernel = this.#kernel;
    if (!kernel?.read(bytes, from, to)) {
      this.#rest = (1 << this.#failed) - 1;
      if (this.#failed < mostFailed) this.#failed++;
      return false;
    }
    this.#failed = 0;
    this.#rest = 0;
    const { kinds, bounds, numbers } = kernel;
    const move = from - kernel.base;
    const expected = this.#expected;
    for (let at = 0; at < expected.length; at++) {
      const kind = kinds[at]!;
      const value = kind === 2 ? numbers[at]! : byKind[kind];
      names.set(expected[at]!.key, value, bounds[at * 2]! + move, bounds[at * 2 + 1]! + move);
    }
    return true;
  }

  #expect(count: number): void {
    this.#expected = this.#members.slice(0, count);
    this.#kernel?.expect(this.#expected.map(({ text }) => text));
  }

  /** The number of members; -1 where the parser has to do it. */
  #read(names: LogNames, bytes: Uint8Array, from: number, to: number): number {
    this.#object++;
    let at = from;
    let end = to;
    while (at < end && isSpace(bytes[at]!)) at++;
    while (end > at && isSpace(bytes[end - 1]!)) end--;
    if (end - at < 2 || bytes[at] !== 123 || bytes[--end] !== 125) return -1;
    at++;
    while (at < end && isSpace(bytes[at]!)) at++;
    if (at === end) return 0;
    let before: Seen | undefined;
    for (let count = 0; count < maxMembers; ) {
      if (bytes[at] !== quote) return -1;
      const seen = this.#key(names, before, bytes, at + 1, end);
      if (seen === undefined || seen.object === this.#object) return -1;
      seen.object = this.#object;
      before = seen;
      at += seen.bytes.length + 1;
      while (at < end && isSpace(bytes[at]!)) at++;
      if (bytes[at++] !== colon) return -1;
      while (at < end && isSpace(bytes[at]!)) at++;
      this.#members[count] = seen;
      at = this.#value(bytes, at, end, count++);
      if (at < 0) return -1;
      while (at < end && isSpace(bytes[at]!)) at++;
      if (at === end) return count;
      if (bytes[at++] !== comma) return -1;
      while (at < end && isSpace(bytes[at]!)) at++;
    }
    return -1;
  }

  /** The key that begins behind its quote at `at`, mostly the expected one. */
  #key(
    names: LogNames,
    before: Seen | undefined,
    bytes: Uint8Array,
    at: number,
    end: number,
  ): Seen | undefined {
    const expected = before === undefined ? this.#first : before.next;
    if (expected !== undefined && isAt(expected.bytes, bytes, at, end)) return expected;
    let close = at;
    while (close < end && plain[bytes[close]!] === 1) close++;
    const size = close - at;
    // Keys that are numbers come first in an object, wherever they stand.
    if (
      close >= end ||
      bytes[close] !== quote ||
      size > maxKeyBytes ||
      (bytes[at]! >= zero && bytes[at]! < colon)
    )
      return undefined;
    const text = asciiText(bytes, at, close);
    let seen = this.#keys.get(text);
    if (seen === undefined) {
      const key = names.plainKey(text);
      if (key === undefined || this.#keys.size >= maxKeys) return undefined;
      seen = { bytes: Buffer.from(`${text}"`), text, key, next: undefined, object: 0 };
      this.#keys.set(text, seen);
    }
    if (before === undefined) this.#first = seen;
    else before.next = seen;
    return seen;
  }

  /** Notes the value at `at` and gives the place behind it; -1 where it is not simple. */
  #value(bytes: Uint8Array, at: number, end: number, member: number): number {
    const first = bytes[at]!;
    if (first === quote) {
      let close = at + 1;
      while (close < end && plain[bytes[close]!] === 1) close++;
      if (close >= end || bytes[close] !== quote) return -1;
      this.#values[member] = slice;
      this.#from[member] = at + 1;
      this.#to[member] = close;
      return close + 1;
    }
    if (first === 45 || (first >= zero && first < colon)) return this.#number(bytes, at, end, member);
    for (const [word, value] of words) {
      if (!isAt(word, bytes, at, end)) continue;
      this.#values[member] = value;
      return at + word.length;
    }
    return -1;
  }

  #number(bytes: Uint8Array, at: number, end: number, member: number): number {
    const start = bytes[at] === 45 ? at + 1 : at;
    let number = 0;
    let place = start;
    for (; place < end; place++) {
      const digit = bytes[place]! - zero;
      if (digit < 0 || digit > 9) break;
      number = number * 10 + digit;
    }
    const digits = place - start;
    if (digits === 0 || digits > maxDigits || (digits > 1 && bytes[start] === zero)) return -1;
    this.#values[member] = start === at ? number : -number;
    return place;
  }
}

const words: readonly (readonly [Uint8Array, boolean | null])[] = [
  [Buffer.from("true"), true],
  [Buffer.from("false"), false],
  [Buffer.from("null"), null],
];

function isAt(word: Uint8Array, bytes: Uint8Array, at: number, end: number): boolean {
  if (at + word.length > end) return false;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

import { type Packer, packBits, packedBytes, pieceBytes, stringBytes } from "./pack.ts";

const leastMatch = 4;
const lastLiterals = 5;
const matchEnd = 13;
const knownBytes = 8;
const newline = 10;

const firstOfWords = 0x23;
const firstOfTexts = 9;
const wordBits = 11;
const wordEnd = 64;
const leastText = 1_024;
const samples = 64;

/** The plain twin of `assembly/pack.ts`: the same blocks, byte for byte. */
export class PlainPacker implements Packer {
  readonly #table = new Uint16Array(1 << packBits);
  readonly #out = Buffer.allocUnsafeSlow(packedBytes);
  readonly #plain = Buffer.allocUnsafeSlow(pieceBytes);
  readonly #strings = Buffer.allocUnsafeSlow(stringBytes);

  pack(bytes: Uint8Array): Uint8Array {
    this.#table.fill(0);
    const finder = hasWords(bytes) ? new WordFinder(bytes, this.#table) : new ByteFinder(bytes, this.#table);
    const out = this.#out;
    let to = 0;
    let anchor = 0;
    while (finder.next()) {
      let { at, found } = finder;
      const stop = at + equalBytes(bytes, found, at, bytes.length - lastLiterals);
      for (let back = 0; back < 8 && at > anchor && found > 0 && bytes[at - 1] === bytes[found - 1]; back++) {
        at--;
        found--;
      }
      const more = stop - at - leastMatch;
      to = putLiterals(out, to, bytes, anchor, at, more);
      out[to++] = (at - found) & 255;
      out[to++] = (at - found) >> 8;
      if (more >= 15) to = putLength(out, to, more - 15);
      anchor = stop;
      finder.at = stop;
    }
    return out.subarray(0, putLiterals(out, to, bytes, anchor, bytes.length, 0));
  }

  unpack(bytes: Uint8Array, room: number): Uint8Array | undefined {
    const out = this.#plain;
    const end = bytes.length;
    let at = 0;
    let to = 0;
    const length = (nibble: number): number => {
      if (nibble < 15) return nibble;
      let all = 15;
      while (at < end) {
        const byte = bytes[at++]!;
        all += byte;
        if (byte !== 255) return all;
      }
      return Number.POSITIVE_INFINITY;
    };
    while (at < end) {
      const token = bytes[at++]!;
      const literals = length(token >> 4);
      if (literals > end - at || literals > room - to) return undefined;
      for (const stop = at + literals; at < stop; ) out[to++] = bytes[at++]!;
      if (at === end) return out.subarray(0, to);
      if (end - at < 2) return undefined;
      const distance = bytes[at]! | (bytes[at + 1]! << 8);
      at += 2;
      const size = length(token & 15) + leastMatch;
      if (distance === 0 || distance > to || size > room - to) return undefined;
      for (const stop = to + size; to < stop; to++) out[to] = out[to - distance]!;
    }
    return undefined;
  }

  strings(lines: Uint8Array): Uint8Array | undefined {
    if (lines.length > pieceBytes || lines.at(-1) !== newline) return undefined;
    const out = this.#strings;
    let to = 0;
    for (let at = 0; at < lines.length; ) {
      const end = lines.indexOf(newline, at);
      let rest = end - at;
      for (; rest >= 0x80; rest >>>= 7) out[to++] = (rest & 0x7f) | 0x80;
      out[to++] = rest;
      for (; at < end; at++) out[to++] = lines[at]!;
      at++;
    }
    return out.subarray(0, to);
  }
}

/** Looks up every other place. */
class ByteFinder {
  at = 1;
  found = 0;
  readonly #bytes: Uint8Array;
  readonly #table: Uint16Array;

  constructor(bytes: Uint8Array, table: Uint16Array) {
    this.#bytes = bytes;
    this.#table = table;
  }

  /** Goes on from `at` to the next place of which `found` has the same eight bytes at least. */
  next(): boolean {
    const bytes = this.#bytes;
    const table = this.#table;
    const last = bytes.length - matchEnd;
    for (let step = 2 << 6; this.at <= last; this.at += step++ >> 6) {
      const { at } = this;
      const slot = slotOf(low(bytes, at), high(bytes, at), packBits);
      this.found = table[slot]!;
      table[slotOf(low(bytes, at - 1), high(bytes, at - 1), packBits)] = at - 1;
      table[slot] = at;
      if (isKnown(bytes, this.found, at)) return true;
    }
    return false;
  }
}

/** Looks up ends of words. */
class WordFinder {
  at = 1;
  found = 0;
  readonly #bytes: Uint8Array;
  readonly #tables: readonly Uint16Array[];

  constructor(bytes: Uint8Array, table: Uint16Array) {
    this.#bytes = bytes;
    this.#tables = [2, 1, 0].map((i) => table.subarray(i << wordBits, (i + 1) << wordBits));
  }

  /** As that of bytes. */
  next(): boolean {
    const bytes = this.#bytes;
    const last = bytes.length - wordEnd;
    for (; this.at <= last; this.at++) {
      if (!isEnd(bytes[this.at]!)) continue;
      const found = this.#find(this.at);
      if (found === undefined) continue;
      this.found = found;
      return true;
    }
    return false;
  }

  /** Notes a place by the longest stretch behind it, then the shorter ones, until one is found. */
  #find(at: number): number | undefined {
    for (const [i, slot] of slotsOf(this.#bytes, at).entries()) {
      const table = this.#tables[i]!;
      const found = table[slot]!;
      table[slot] = at;
      if (isKnown(this.#bytes, found, at)) return found;
    }
    return undefined;
  }
}

/** By the longest, middle and shortest stretch behind a place. */
function slotsOf(bytes: Uint8Array, at: number): number[] {
  const [one, two] = [low(bytes, at), high(bytes, at)];
  const turned = (place: number, by: number): [number, number] => {
    const [first, second] = [low(bytes, place), high(bytes, place)];
    return [(first << by) | (second >>> (32 - by)), (second << by) | (first >>> (32 - by))];
  };
  const [next, next2] = turned(at + 8, 23);
  const [far, far2] = turned(at + 14, 23);
  const [farther, farther2] = turned(at + 28, 13);
  return [
    slotOf(one ^ far ^ farther, two ^ far2 ^ farther2, wordBits),
    slotOf(one ^ next, two ^ next2, wordBits),
    slotOf(one, two, wordBits),
  ];
}

/** As a number with a sign: bytes that are not ASCII are smaller than any. */
const isEnd = (byte: number): boolean => byte < firstOfWords || byte > 127;

function hasWords(bytes: Uint8Array): boolean {
  if (bytes.length < leastText) return false;
  const step = Math.floor((bytes.length - 16) / (samples - 1));
  let ends = 0;
  let others = 0;
  for (let i = 0; i < samples; i++)
    for (const byte of bytes.subarray(i * step, i * step + 16)) {
      if (isEnd(byte)) ends++;
      if (byte < firstOfTexts) others++;
    }
  return ends >= 24 && ends <= 400 && others <= 16;
}

const isKnown = (bytes: Uint8Array, found: number, at: number): boolean =>
  equalBytes(bytes, found, at, at + knownBytes) === knownBytes;

const low = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
const high = (bytes: Uint8Array, at: number): number => low(bytes, at + 4);

/** The upper bits of the product of eight bytes and 0x9e3779b185ebca87, of which the lower 64 bits are taken. */
function slotOf(low: number, high: number, bits: number): number {
  const upper =
    upperProduct(low >>> 0, 0x85ebca87) + Math.imul(low, 0x9e3779b1) + Math.imul(high, 0x85ebca87);
  return (upper >>> 0) >>> (32 - bits);
}

/** The upper 32 bits of a product of two numbers of 32. */
function upperProduct(first: number, second: number): number {
  const low = first & 0xffff;
  const high = first >>> 16;
  const lowest = low * (second & 0xffff);
  const middle = high * (second & 0xffff) + low * (second >>> 16) + Math.floor(lowest / 0x1_0000);
  return high * (second >>> 16) + Math.floor(middle / 0x1_0000);
}

/** How many bytes are equal from two places on, the second of which comes up to `end`. */
function equalBytes(bytes: Uint8Array, first: number, second: number, end: number): number {
  let count = 0;
  while (second + count < end && bytes[first + count] === bytes[second + count]) count++;
  return count;
}

function putLength(out: Uint8Array, to: number, length: number): number {
  let rest = length;
  for (; rest >= 255; rest -= 255) out[to++] = 255;
  out[to++] = rest;
  return to;
}

/** Writes the head of a sequence, and its literals. */
function putLiterals(
  out: Uint8Array,
  to: number,
  bytes: Uint8Array,
  from: number,
  end: number,
  more: number,
): number {
  const literals = end - from;
  let at = to;
  out[at++] = (Math.min(literals, 15) << 4) | Math.min(more, 15);
  if (literals >= 15) at = putLength(out, at, literals - 15);
  for (let i = from; i < end; i++) out[at++] = bytes[i]!;
  return at;
}

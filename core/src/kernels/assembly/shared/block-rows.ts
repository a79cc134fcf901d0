import { holdsAt } from "./parts";

/** What a slot of a block holds: see `../block.ts`. */
export const absent: u8 = 0;
export const text: u8 = 1;
export const number: u8 = 2;
export const boolean: u8 = 3;
/** JSON's null: there, and no value. */
export const nothing: u8 = 4;
/** A list or an object of JSON, as it stands in the line. */
export const tree: u8 = 5;

export function fromOf(values: usize, row: usize): usize {
  return <usize>load<u32>(values + (row << 3));
}

export function toOf(values: usize, row: usize): usize {
  return <usize>load<u32>(values + (row << 3), 4);
}

export function setText(kinds: usize, values: usize, row: usize, from: usize, to: usize): void {
  store<u8>(kinds + row, text);
  store<u32>(values + (row << 3), <u32>from);
  store<u32>(values + (row << 3), <u32>to, 4);
}

/** Where the lines of the block end. A text behind that was made by a step, and serves many rows. */
let linesEnd: usize = 0;

export function setLinesEnd(at: usize): void {
  linesEnd = at;
}

export function isMade(from: usize): bool {
  return from >= linesEnd;
}

/** Whether 16 rows all have a text, at one place. */
export function areAt(kinds: usize, values: usize, place: u64): bool {
  const places = i64x2.splat(place);
  let others = v128.xor(v128.load(kinds), i8x16.splat(<i8>text));
  for (let at: usize = 0; at < 128; at += 16)
    others = v128.or(others, v128.xor(v128.load(values + at), places));
  return !v128.any_true(others);
}

/** A bit for each of 16 rows from `first` on that a mask has, up to `count`. */
export function onesOf(mask: usize, first: usize, count: usize): u32 {
  const bits = <u32>i8x16.bitmask(i8x16.ne(v128.load(mask + first), i8x16.splat(0)));
  return first + 16 > count ? bits & ((1 << (<u32>(count - first))) - 1) : bits;
}

/** A bit for each of 16 rows whose kind, from `kinds` on, is one, up to `count`. */
export function rowsOf(kind: u8, kinds: usize, count: usize): u32 {
  const bits = <u32>i8x16.bitmask(i8x16.eq(v128.load(kinds), i8x16.splat(<i8>kind)));
  return count < 16 ? bits & ((1 << (<u32>count)) - 1) : bits;
}

/** Whether 16 rows of a mask, or of kinds, are all 0. */
export function isNone(at: usize): bool {
  return !v128.any_true(v128.load(at));
}

/** Sixteen bytes of ones, then as many zeros. */
const ones: usize = memory.data<u64>([u64.MAX_VALUE, u64.MAX_VALUE, 0, 0]);

/** Ones for the first bytes of sixteen, as many as a text of some size has. */
export function within(size: usize): v128 {
  return v128.load(ones + 16 - min<usize>(size, 16));
}

/** Whether a word lies at a place. Reads up to 15 bytes past both. */
export function isWord(at: usize, word: usize, size: usize): bool {
  const differ = v128.and(v128.xor(v128.load(at), v128.load(word)), within(size));
  return !v128.any_true(differ) && (size <= 16 || holdsAt(at + 16, word + 16, <u32>size - 16));
}

/** Whether a word lies in a text. Reads up to 15 bytes past it. */
export function holds(from: usize, to: usize, word: usize, size: usize): bool {
  if (from + size > to) return false;
  const firsts = i8x16.splat(load<i8>(word));
  const last = to - size;
  for (let block = from; block <= last; block += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(block), firsts));
    while (found !== 0) {
      const at = block + <usize>ctz(found);
      if (at > last) return false;
      if (holdsAt(at, word, <u32>size)) return true;
      found &= found - 1;
    }
  }
  return false;
}

/** Whether a search finds something: 1, 0, or 2 where its automaton does not know. */
export function search(from: usize, to: usize, next: usize, start: u32, endings: usize): u8 {
  if ((start & 1) === 1) return 1;
  let state = start >> 1;
  for (let at = from; at < to; at++) {
    const entered = <u32>load<u16>(next + ((<usize>((state << 7) | (<u32>load<u8>(at) & 127))) << 1));
    if (entered < 2) return entered === 0 ? 0 : 2;
    if ((entered & 1) === 1) return 1;
    state = entered >> 1;
  }
  return load<u8>(endings + <usize>state);
}

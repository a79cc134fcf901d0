/** With which words the texts of a block begin. */
import { isMade, isNone, text } from "./block-rows";
import { below } from "./block-wide";
import { holdsAt } from "./parts";

/** In the length of a word: the text has to be that word, and not only to begin with it. */
const exact: u32 = 0x80000000;

/**
 * Of a word: its place, its length, and with a mask each its first eight bytes and the sixteen behind them. Words have zeros behind them in
 * these.
 */
const wordBytes: usize = 64;

/** What is known of texts that steps have made: 256 places with the bits of each. */
const memoBytes: usize = 4096;
const memos: usize = memory.data(4096);

const spread: u32 = 0x9e3779b1;

/** The number of the last of some words, from 1 on; 0 where there is none. */
function lastOf(found: u64): u8 {
  return <u8>(64 - clz<u64>(found));
}

function memoOf(from: usize): usize {
  return memos + <usize>(((<u32>from * spread) >> 24) << 4);
}

/** How many of some rows have a value that is no text. */
function othersOf(kinds: usize, count: usize): u32 {
  let others: u32 = 0;
  for (let row: usize = 0; row < count; row += 16) {
    const other = i8x16.gt_u(v128.load(kinds + row), i8x16.splat(<i8>text));
    if (v128.any_true(other))
      others += <u32>popcnt<u32>(<u32>i8x16.bitmask(v128.and(other, below(row, count))));
  }
  return others;
}

/**
 * Notes of each text with which of up to 64 words it begins: in `out`, a byte a row, the number of the last one from 1 on, or 0. Words are
 * sorted by their length, so that the last one says all others. `list` has `size` words. `firsts` has four places in a text, the bits of the empty word, and the bits of words by their byte at each of these places, which words that have none
 * there hold for each; where it is 0 the words are few and short. Gives how many rows have a value that is no text.
 */
export function begins(
  kinds: usize,
  values: usize,
  out: usize,
  count: usize,
  list: usize,
  size: usize,
  firsts: usize,
): u32 {
  if (firsts !== 0) many(kinds, values, out, count, list, firsts);
  else few(kinds, values, out, count, list, <u64>size);
  return othersOf(kinds, count);
}

function few(kinds: usize, values: usize, out: usize, count: usize, list: usize, words: u64): void {
  for (let row: usize = 0; row < count; row++) {
    if ((row & 15) === 0 && isNone(kinds + row)) {
      v128.store(out + row, i8x16.splat(0));
      row += 15;
      continue;
    }
    const isText = <u64>(load<u8>(kinds + row) === text);
    const place = load<u64>(values + (row << 3)) & (0 - isText);
    const from = <u32>place;
    const size = <u32>(place >> 32) - from;
    const head = load<u64>(<usize>from);
    let found: u64 = 0;
    let word = list;
    for (let bit: u64 = 0; bit < words; bit++) {
      const length = load<u32>(word, 4);
      const least = length & ~exact;
      const rest: u32 = length === least ? 0 : u32.MAX_VALUE;
      const holds =
        <u32>((head & load<u64>(word, 16)) === load<u64>(word, 8)) &
        <u32>(size >= least) &
        <u32>(((size - least) & rest) === 0);
      found |= (<u64>holds) << bit;
      word += wordBytes;
    }
    store<u8>(out + row, lastOf(found & (0 - isText)));
  }
}

function many(kinds: usize, values: usize, out: usize, count: usize, list: usize, firsts: usize): void {
  memory.fill(memos, 0, memoBytes);
  const one = <usize>load<u32>(firsts);
  const two = <usize>load<u32>(firsts, 4);
  const three = <usize>load<u32>(firsts, 8);
  const four = <usize>load<u32>(firsts, 12);
  for (let row: usize = 0; row < count; row++) {
    if ((row & 15) === 0 && isNone(kinds + row)) {
      v128.store(out + row, i8x16.splat(0));
      row += 15;
      continue;
    }
    let found: u8 = 0;
    if (load<u8>(kinds + row) === text) {
      const place = load<u64>(values + (row << 3));
      const from = <usize>(place & 0xffffffff);
      const size = <u32>(place >> 32) - <u32>from;
      let memo: usize = 0;
      if (isMade(from)) {
        memo = memoOf(from);
        if (load<u64>(memo) === place) {
          store<u8>(out + row, load<u8>(memo, 8));
          continue;
        }
      }
      // Called in one place, so that it is no call.
      found = lastOf(beginOf(from, size, list, firsts, one, two, three, four));
      if (memo !== 0) {
        store<u64>(memo, place);
        store<u8>(memo, found, 8);
      }
    }
    store<u8>(out + row, found);
  }
}

/** Bytes of what `firsts` has for one byte of a text, and of what stands before that: four places of bytes, and the bits of the empty word. */
const tableBytes: usize = 2048;
const headBytes: usize = 32;

function beginOf(
  from: usize,
  size: u32,
  list: usize,
  firsts: usize,
  one: usize,
  two: usize,
  three: usize,
  four: usize,
): u64 {
  if (size === 0) return load<u64>(firsts, 16);
  const head = load<u64>(from);
  const tables = firsts + headBytes;
  let maybe =
    load<u64>(tables + ((<usize>load<u8>(from + one)) << 3)) &
    load<u64>(tables + ((<usize>load<u8>(from + two)) << 3), tableBytes) &
    load<u64>(tables + ((<usize>load<u8>(from + three)) << 3), 2 * tableBytes) &
    load<u64>(tables + ((<usize>load<u8>(from + four)) << 3), 3 * tableBytes);
  let found: u64 = 0;
  // One is looked at whether there is one or not: to guess that costs more.
  do {
    const bit = maybe & (0 - maybe);
    found |= bit & (0 - <u64>holdsWord(from, size, head, list + <usize>(ctz(maybe) & 63) * wordBytes));
    maybe ^= bit;
  } while (maybe !== 0);
  return found;
}

function holdsWord(from: usize, size: u32, head: u64, word: usize): bool {
  const length = load<u32>(word, 4);
  const least = length & ~exact;
  const rest: u32 = length === least ? 0 : u32.MAX_VALUE;
  const next = v128.and(v128.load(from, 8), v128.load(word, 48));
  const holds =
    <u32>((head & load<u64>(word, 16)) === load<u64>(word, 8)) &
    <u32>i8x16.all_true(i8x16.eq(next, v128.load(word, 32))) &
    <u32>(size >= least) &
    <u32>(((size - least) & rest) === 0);
  if (least > 24 && holds !== 0) return holdsAt(from + 24, <usize>load<u32>(word) + 24, least - 24);
  return holds !== 0;
}

/**
 * `out` is 1 where the number of a word is one of some: `table` has a byte for each number, of which those from 16 times `first` to 16 times
 * `last` and 15 may be some.
 */
export function among(numbers: usize, table: usize, first: u32, last: u32, out: usize, count: usize): void {
  const base = i8x16.splat(<i8>(first << 4));
  const bytes = v128.load(table + ((<usize>first) << 4));
  for (let row: usize = 0; row < count; row += 32) {
    v128.store(out + row, i8x16.swizzle(bytes, i8x16.sub(v128.load(numbers + row), base)));
    v128.store(out + row, i8x16.swizzle(bytes, i8x16.sub(v128.load(numbers + row, 16), base)), 16);
  }
  for (let group = first + 1; group <= last; group++) {
    const more = i8x16.splat(<i8>(group << 4));
    const own = v128.load(table + ((<usize>group) << 4));
    for (let row: usize = 0; row < count; row += 16) {
      const found = i8x16.swizzle(own, i8x16.sub(v128.load(numbers + row), more));
      v128.store(out + row, v128.or(v128.load(out + row), found));
    }
  }
}

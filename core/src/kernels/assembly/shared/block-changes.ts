/** Changes of slots of a block. */
import {
  absent,
  fromOf,
  holds,
  isWord,
  nothing,
  number,
  onesOf,
  search,
  setText,
  text,
  toOf,
  tree,
} from "./block-rows";
import { below, emptyTexts, narrowed } from "./block-wide";
import { blank, find, noMatch, notKnown, trimEnd } from "./parts";

/**
 * Trims the texts of `mask`'s rows: white space alone (0); what an automaton matches in front (3); a row with a word (4), or in which a
 * search finds something (5), is opened. `found` becomes 1 where there is a value; rows with one that is no text are opened.
 */
export function trim(
  how: u32,
  kinds: usize,
  values: usize,
  mask: usize,
  count: usize,
  word: usize,
  size: usize,
  start: u32,
  endings: usize,
  found: usize,
  open: usize,
): void {
  for (let first: usize = 0; first < count; first += 16)
    for (let bits = textsOf(kinds, mask, first, count, found, open); bits !== 0; bits &= bits - 1) {
      const row = first + <usize>ctz(bits);
      let from = fromOf(values, row);
      let to = toOf(values, row);
      while (from < to && blank(load<u8>(from))) from++;
      to = trimEnd(from, to);
      if (how === 3) {
        const end = find(from, to, word, start, endings);
        if (end === notKnown) store<u8>(open + row, 1);
        else if (end !== noMatch) from = end;
      } else if (how === 4) {
        if (holds(from, to, word, size)) store<u8>(open + row, 1);
      } else if (how === 5) {
        if (search(from, to, word, start, endings) !== 0) store<u8>(open + row, 1);
      }
      while (from < to && blank(load<u8>(from))) from++;
      to = trimEnd(from, to);
      setText(kinds, values, row, from, to);
    }
}

/** Trims the texts of `mask`'s rows, and takes a word off in front or at the end. The word is not empty. `found` and `open` as above. */
export function trimWord(
  atEnd: u32,
  kinds: usize,
  values: usize,
  mask: usize,
  count: usize,
  word: usize,
  size: usize,
  found: usize,
  open: usize,
): void {
  for (let first: usize = 0; first < count; first += 16)
    for (let bits = textsOf(kinds, mask, first, count, found, open); bits !== 0; bits &= bits - 1) {
      const row = first + <usize>ctz(bits);
      let from = fromOf(values, row);
      let to = toOf(values, row);
      // Most texts have no white space at their ends. Those without a byte have whatever lies there.
      let changed = load<u8>(from) < 33 || load<u8>(to - 1) < 33;
      if (changed) {
        while (from < to && blank(load<u8>(from))) from++;
        to = trimEnd(from, to);
      }
      const at = atEnd !== 0 ? to - size : from;
      if (to - from >= size && isWord(at, word, size)) {
        changed = true;
        if (atEnd !== 0) to = trimEnd(from, at);
        else for (from += size; from < to && blank(load<u8>(from)); ) from++;
      }
      if (changed) setText(kinds, values, row, from, to);
    }
}

/**
 * A bit for each of 16 rows from `first` on that a mask has and whose value is a text. `found` becomes 1 where there is a value; rows with
 * another one are opened.
 */
function textsOf(kinds: usize, mask: usize, first: usize, count: usize, found: usize, open: usize): u32 {
  const none = i8x16.splat(0);
  const wanted = v128.load(mask + first);
  if (!v128.any_true(wanted)) return 0;
  const kind = v128.load(kinds + first);
  const there = v128.and(i8x16.ne(kind, none), wanted);
  v128.store(found + first, v128.or(v128.load(found + first), there));
  const isText = i8x16.eq(kind, i8x16.splat(<i8>text));
  const other = v128.andnot(there, isText);
  if (v128.any_true(other)) v128.store(open + first, v128.or(v128.load(open + first), other));
  const bits = <u32>i8x16.bitmask(i8x16.ne(v128.and(wanted, isText), none));
  return first + 16 > count ? bits & ((1 << (<u32>(count - first))) - 1) : bits;
}

/** Takes the values of `mask`'s rows away; `found` becomes 1 where there was one. */
export function remove(kinds: usize, mask: usize, count: usize, found: usize): void {
  const none = i8x16.splat(0);
  for (let row: usize = 0; row < count; row += 16) {
    const kind = v128.load(kinds + row);
    const there = v128.andnot(v128.load(mask + row), i8x16.eq(kind, none));
    v128.store(found + row, v128.or(v128.load(found + row), there));
    v128.store(kinds + row, v128.andnot(kind, i8x16.ne(there, none)));
  }
}

/** Where an empty text lies. */
const emptyAt: usize = 1024;

/** Moves the values of `mask`'s rows from one slot to another, null as an empty text; `found` as above. */
export function move(
  kinds: usize,
  values: usize,
  toKinds: usize,
  toValues: usize,
  mask: usize,
  count: usize,
  found: usize,
): void {
  const none = i8x16.splat(0);
  const texts = i8x16.splat(<i8>text);
  for (let first: usize = 0; first < count; first += 16) {
    let bits = onesOf(mask, first, count);
    if (bits === 0xffff && kinds !== toKinds && i8x16.all_true(i8x16.eq(v128.load(kinds + first), texts))) {
      v128.store(kinds + first, none);
      v128.store(toKinds + first, texts);
      v128.store(found + first, i8x16.splat(1));
      for (let at = first << 3; at < (first + 16) << 3; at += 16)
        v128.store(toValues + at, v128.load(values + at));
      continue;
    }
    for (; bits !== 0; bits &= bits - 1) {
      const row = first + <usize>ctz(bits);
      const kind = load<u8>(kinds + row);
      if (kind === absent) continue;
      store<u8>(found + row, 1);
      if (kind === nothing) {
        store<u8>(kinds + row, absent);
        setText(toKinds, toValues, row, emptyAt, emptyAt);
        continue;
      }
      if (kinds === toKinds) continue;
      store<u8>(kinds + row, absent);
      store<u8>(toKinds + row, kind);
      store<u64>(toValues + (row << 3), load<u64>(values + (row << 3)));
    }
  }
}

/** Copies the values of `mask`'s rows from one slot to another, whatever they are; where there is none, the other stays. */
export function copy(
  kinds: usize,
  values: usize,
  toKinds: usize,
  toValues: usize,
  mask: usize,
  count: usize,
): void {
  const none = i8x16.splat(0);
  for (let first: usize = 0; first < count; first += 16) {
    const kind = v128.load(kinds + first);
    const there = v128.andnot(v128.load(mask + first), i8x16.eq(kind, none));
    if (!v128.any_true(there)) continue;
    for (let bits = onesOf(mask, first, count); bits !== 0; bits &= bits - 1) {
      const row = first + <usize>ctz(bits);
      const own = load<u8>(kinds + row);
      if (own === absent) continue;
      store<u8>(toKinds + row, own);
      store<u64>(toValues + (row << 3), load<u64>(values + (row << 3)));
    }
  }
}

/** Gives `mask`'s rows a text. */
export function fill(kinds: usize, values: usize, mask: usize, count: usize, from: usize, to: usize): void {
  const place = ((<u64>to) << 32) | <u64>from;
  const places = i64x2.splat(place);
  for (let first: usize = 0; first < count; first += 16) {
    let bits = onesOf(mask, first, count);
    if (bits === 0xffff) {
      v128.store(kinds + first, i8x16.splat(<i8>text));
      const end = values + ((first + 16) << 3);
      for (let at = values + (first << 3); at < end; at += 32) {
        v128.store(at, places);
        v128.store(at, places, 16);
      }
      continue;
    }
    for (; bits !== 0; bits &= bits - 1) {
      const row = first + <usize>ctz(bits);
      store<u8>(kinds + row, text);
      store<u64>(values + (row << 3), place);
    }
  }
}

/** A word of 32 bits twice. */
const twice: u64 = 0x1_0000_0001;
const zeros: u64 = twice * 0x30303030;
const highs: u64 = twice * 0xf0f0f0f0;
const sixes: u64 = twice * 0x06060606;
const threes: u64 = twice * 0x33333333;

/** Up to 8 bytes, behind as many zeros as make them 8. */
function digitsAt(at: usize, size: usize): u64 {
  if (size === 8) return load<u64>(at);
  const bits = (<u64>size) << 3;
  return (load<u64>(at) << (64 - bits)) | (zeros >> bits);
}

function areDigits(digits: u64): bool {
  return ((digits & highs) | (((digits + sixes) & highs) >> 4)) === threes;
}

/** The number of 8 digits: two, four and eight of them at a time. */
function numberOf(digits: u64): u64 {
  const ones = digits - zeros;
  const tens = ones * 10 + (ones >> 8);
  const pairs: u64 = twice * 0xff;
  const left: u64 = (1_000_000 << 32) | 100;
  const right: u64 = (10_000 << 32) | 1;
  return ((tens & pairs) * left + ((tens >> 16) & pairs) * right) >> 32;
}

/**
 * Makes numbers of up to `longest` digits, 15 at most, of the texts of `mask`'s rows; other texts and booleans are opened. `found` as above. Gives whether there
 * were numbers before, which may be no whole ones.
 */
export function digits(
  kinds: usize,
  values: usize,
  mask: usize,
  count: usize,
  longest: usize,
  found: usize,
  open: usize,
): bool {
  const none = i8x16.splat(0);
  let numbers = none;
  for (let first: usize = 0; first < count; first += 16) {
    const kind = v128.load(kinds + first);
    const there = v128.andnot(v128.load(mask + first), i8x16.eq(kind, none));
    if (!v128.any_true(there)) continue;
    v128.store(found + first, v128.or(v128.load(found + first), there));
    const wanted = v128.and(i8x16.ne(there, none), below(first, count));
    const isNumber = v128.and(i8x16.eq(kind, i8x16.splat(<i8>number)), wanted);
    const isText = v128.and(i8x16.eq(kind, i8x16.splat(<i8>text)), wanted);
    numbers = v128.or(numbers, isNumber);
    const others = v128.andnot(v128.andnot(there, isText), isNumber);
    if (v128.any_true(others)) v128.store(open + first, v128.or(v128.load(open + first), others));
    for (let bits = <u32>i8x16.bitmask(isText); bits !== 0; bits &= bits - 1) {
      const row = first + <usize>ctz(bits);
      const place = load<u64>(values + (row << 3));
      const from = <usize>(place & 0xffffffff);
      const size = <usize>(place >> 32) - from;
      if (size - 1 >= longest) {
        store<u8>(open + row, 1);
        continue;
      }
      let head: u64;
      let sum: u64;
      if (size > 8) {
        head = digitsAt(from, 8);
        const tail = digitsAt(from + 8, size - 8);
        // Ten to the power of how many come behind the first eight.
        let scale: u64 = 1;
        for (let rest: usize = 8; rest < size; rest++) scale *= 10;
        sum = numberOf(head) * scale + numberOf(tail);
        if (!areDigits(tail)) head = 0;
      } else {
        head = digitsAt(from, size);
        sum = numberOf(head);
      }
      if (areDigits(head)) {
        store<u8>(kinds + row, number);
        store<f64>(values + (row << 3), <f64>sum);
      } else store<u8>(open + row, 1);
    }
  }
  return v128.any_true(numbers);
}

/**
 * Opens rows whose value is of another kind than `allowed`, a bit for each kind, and takes texts away that are empty. An object has
 * fields with columns of their own, or none, so its row is opened too.
 */
export function check(kinds: usize, values: usize, count: usize, allowed: u32, open: usize): void {
  const _none = i8x16.splat(0);
  const ones = i8x16.splat(1);
  const texts = i8x16.splat(<i8>text);
  // All ones at each kind that is allowed; to be absent always is.
  let fits = i8x16.splat(0);
  fits = i8x16.replace_lane(fits, 0, -1);
  if (((allowed >> 1) & 1) !== 0) fits = i8x16.replace_lane(fits, 1, -1);
  if (((allowed >> 2) & 1) !== 0) fits = i8x16.replace_lane(fits, 2, -1);
  if (((allowed >> 3) & 1) !== 0) fits = i8x16.replace_lane(fits, 3, -1);
  if (((allowed >> 4) & 1) !== 0) fits = i8x16.replace_lane(fits, 4, -1);
  if (((allowed >> 5) & 1) !== 0) fits = i8x16.replace_lane(fits, 5, -1);
  for (let first: usize = 0; first < count; first += 16) {
    const kind = v128.load(kinds + first);
    if (!v128.any_true(kind)) continue;
    const within = below(first, count);
    const fit = i8x16.swizzle(fits, kind);
    // A text that is empty is no value, and neither is null.
    const isEmpty = v128.and(i8x16.eq(kind, texts), emptyTexts(values, first));
    const isNull = v128.andnot(i8x16.eq(kind, i8x16.splat(<i8>nothing)), fit);
    const gone = v128.and(v128.or(isEmpty, isNull), within);
    if (v128.any_true(gone)) v128.store(kinds + first, v128.andnot(kind, gone));
    const unfit = v128.and(v128.andnot(v128.andnot(within, fit), gone), ones);
    if (v128.any_true(unfit)) v128.store(open + first, v128.or(v128.load(open + first), unfit));
    const trees = v128.and(v128.and(i8x16.eq(kind, i8x16.splat(<i8>tree)), fit), within);
    for (let bits = <u32>i8x16.bitmask(trees); bits !== 0; bits &= bits - 1) {
      const row = first + <usize>ctz(bits);
      if (load<u8>(fromOf(values, row)) === 123) store<u8>(open + row, 1);
    }
  }
}

/** Opens rows with a number beyond `most` or, where `whole`, one that is negative or has a fraction. */
export function bounded(kinds: usize, values: usize, count: usize, most: f64, whole: u32, open: usize): void {
  const numbers = i8x16.splat(<i8>number);
  for (let first: usize = 0; first < count; first += 16) {
    const isNumber = v128.and(i8x16.eq(v128.load(kinds + first), numbers), below(first, count));
    if (!v128.any_true(isNumber)) continue;
    const at = values + (first << 3);
    const beyond = narrowed(
      beyond4(at, most, whole),
      beyond4(at + 32, most, whole),
      beyond4(at + 64, most, whole),
      beyond4(at + 96, most, whole),
    );
    const opened = v128.and(v128.and(beyond, isNumber), i8x16.splat(1));
    v128.store(open + first, v128.or(v128.load(open + first), opened));
  }
}

/** Four rows as words of 32 bits, all ones where the number is out of bounds. */
function beyond4(at: usize, most: f64, whole: u32): v128 {
  return i32x4.shuffle(
    beyond2(v128.load(at), most, whole),
    beyond2(v128.load(at, 16), most, whole),
    0,
    2,
    4,
    6,
  );
}

function beyond2(two: v128, most: f64, whole: u32): v128 {
  const above = f64x2.gt(two, f64x2.splat(most));
  if (whole === 0) return above;
  return v128.or(above, v128.or(f64x2.lt(two, f64x2.splat(0)), f64x2.ne(two, f64x2.trunc(two))));
}

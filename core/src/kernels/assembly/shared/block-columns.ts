/** What columns of a batch ask of the slots of a block. */
import { boolean, fromOf, isMade, number, text, toOf } from "./block-rows";

/**
 * Texts of a column that were met in a batch, with the key that each has there, as one piece of memory: how many there are; bytes of the
 * last part that are used, eight bytes that are not; a table of two bytes a place, the number of a text and one more; the texts by
 * number, 32 bytes each: the first 16 bytes, zeros behind shorter ones, its size, where it lies, its key, four bytes of its hash;
 * 16 bytes each for texts that steps made, by where they lie: that, the size and the key; then the bytes of the texts.
 */
const slotsAt: usize = 16;
const slotMask: u32 = 2047;
const entriesAt: usize = slotsAt + 4096;
const entryBytes: usize = 32;
const mostTexts: u32 = 1024;
const madeAt: usize = entriesAt + 32768;
const madeMask: usize = 31;
const bytesAt: usize = madeAt + 512;
const mostBytes: u32 = 65536;
const maxProbes: u32 = 32;
/** In place of a key: the number of a text that has none yet. */
const isNew: u32 = 0x80000000;

/** Bytes of the texts that the last `keys` wrote, with one more for each. */
export let spelled: u32 = 0;

/** Forgets all texts. */
export function forget(memo: usize): void {
  store<u64>(memo, 0);
  memory.fill(memo + slotsAt, 0, 4096);
}

/** The first 16 bytes of a text, zeros behind its end. Reads up to 15 bytes past it. */
function headOf(at: usize, size: u32): v128 {
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return v128.and(v128.load(at), i8x16.lt_u(places, i8x16.splat(<i8>min<u32>(size, 16))));
}

const oneWay: u64 = 0x1f51afd7ed558d;
const otherWay: u64 = 0x14ceb9fe1a85ed;

/** Of a text and its first 16 bytes; of a longer one all others as well, 16 at a time and the last 16 by themselves. */
function mixed(at: usize, size: u32, head: v128, seed: u64): u64 {
  let one = (seed ^ i64x2.extract_lane(head, 0)) * oneWay;
  let other = (<u64>size ^ i64x2.extract_lane(head, 1)) * otherWay;
  if (size > 16) {
    const last = at + <usize>size - 16;
    for (let next = at + 16; next < last; next += 16) {
      one = (rotl<u64>(one, 29) ^ load<u64>(next)) * oneWay;
      other = (rotl<u64>(other, 29) ^ load<u64>(next, 8)) * otherWay;
    }
    one = (rotl<u64>(one, 29) ^ load<u64>(last)) * oneWay;
    other = (rotl<u64>(other, 29) ^ load<u64>(last, 8)) * otherWay;
  }
  const hash = (one ^ (one >> 32) ^ rotl<u64>(other, 32)) * oneWay;
  return hash ^ (hash >> 29);
}

/** Whether two texts of more than 16 bytes, of which the first 16 are equal, are so. */
function isSame(a: usize, b: usize, size: u32): bool {
  const last = <usize>size - 16;
  for (let at: usize = 16; at < last; at += 16)
    if (v128.any_true(v128.xor(v128.load(a + at), v128.load(b + at)))) return false;
  return !v128.any_true(v128.xor(v128.load(a + last), v128.load(b + last)));
}

/**
 * Writes the key of each text in the rows [first, first + count), 0 for rows without one, which are left out where `dense`. For texts that
 * `memo` did not know their numbers in it stand there, from 2^31 on, until `settle`. Gives how many were written and, times 65536,
 * how many of the texts are new; 2^32 - 1 where there is no room for them, or they were made to collide.
 */
export function keys(
  kinds: usize,
  values: usize,
  first: usize,
  count: usize,
  dense: u32,
  memo: usize,
  out: usize,
  seed: u64,
): u32 {
  let known = load<u32>(memo);
  const before = known;
  const slots = memo + slotsAt;
  const entries = memo + entriesAt;
  let to = out;
  let sum: u32 = 0;
  // What steps made lies elsewhere in every block.
  memory.fill(memo + madeAt, 0, 512);
  for (let row = first, end = first + count; row < end; row++) {
    if (load<u8>(kinds + row) !== text) {
      if (dense === 0) {
        store<u32>(to, 0);
        to += 4;
      }
      continue;
    }
    const from = fromOf(values, row);
    const size = <u32>(toOf(values, row) - from);
    sum += size + 1;
    let made: usize = 0;
    if (isMade(from)) {
      made = memo + madeAt + (((from >> 4) & madeMask) << 4);
      if (load<u32>(made) === <u32>from && load<u32>(made, 4) === size) {
        store<u32>(to, load<u32>(made, 8));
        to += 4;
        continue;
      }
    }
    const head = headOf(from, size);
    const hash = mixed(from, size, head, seed);
    let slot = <u32>(hash >> 32) & slotMask;
    let key: u32 = 0;
    for (let probes: u32 = 0; ; probes++) {
      const number = <u32>load<u16>(slots + ((<usize>slot) << 1));
      if (number === 0) {
        if (!add(memo, slot, from, size, head, <u32>hash)) return u32.MAX_VALUE;
        key = isNew | known++;
        break;
      }
      const entry = entries + <usize>(number - 1) * entryBytes;
      if (
        load<u32>(entry, 28) === <u32>hash &&
        load<u32>(entry, 16) === size &&
        !v128.any_true(v128.xor(head, v128.load(entry))) &&
        (size <= 16 || isSame(<usize>load<u32>(entry, 20), from, size))
      ) {
        key = load<u32>(entry, 24);
        break;
      }
      if (probes === maxProbes) return u32.MAX_VALUE;
      slot = (slot + 1) & slotMask;
    }
    if (made !== 0) {
      store<u32>(made, <u32>from);
      store<u32>(made, size, 4);
      store<u32>(made, key, 8);
    }
    store<u32>(to, key);
    to += 4;
  }
  spelled = sum;
  return (<u32>(to - out) >> 2) | ((known - before) << 16);
}

/** Takes a new text. False where there is no room for it. */
function add(memo: usize, slot: u32, from: usize, size: u32, head: v128, hash: u32): bool {
  const known = load<u32>(memo);
  const used = load<u32>(memo, 4);
  if (known === mostTexts || size > mostBytes - used) return false;
  const entry = memo + entriesAt + <usize>known * entryBytes;
  const at = memo + bytesAt + <usize>used;
  memory.copy(at, from, <usize>size);
  v128.store(entry, head);
  store<u32>(entry, size, 16);
  store<u32>(entry, <u32>at, 20);
  store<u32>(entry, isNew | known, 24);
  store<u32>(entry, hash, 28);
  store<u16>(memo + slotsAt + ((<usize>slot) << 1), <u16>(known + 1));
  store<u32>(memo, known + 1);
  store<u32>(memo, used + size, 4);
  return true;
}

/** Puts the keys of texts that were new, which `memo` has now, in their places. */
export function settle(memo: usize, out: usize, count: usize): void {
  const entries = memo + entriesAt;
  for (let at = out, end = out + (count << 2); at < end; at += 4) {
    const key = load<u32>(at);
    if ((key & isNew) !== 0) store<u32>(at, load<u32>(entries + <usize>(key & ~isNew) * entryBytes, 24));
  }
}

/** Whether any of the rows [first, first + count) has a value. */
export function any(kinds: usize, first: usize, count: usize): bool {
  let at = kinds + first;
  const end = at + count;
  for (; at + 16 <= end; at += 16) if (v128.any_true(v128.load(at))) return true;
  for (; at < end; at++) if (load<u8>(at) !== 0) return true;
  return false;
}

/** The kinds of the rows [first, first + count), as bits. */
export function kindsOf(kinds: usize, first: usize, count: usize): u32 {
  let all = i8x16.splat(0);
  // A bit for each kind, up to seven.
  const bits = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
  let at = kinds + first;
  const end = at + count;
  for (; at + 16 <= end; at += 16) all = v128.or(all, i8x16.swizzle(bits, v128.load(at)));
  let words = i64x2.extract_lane(all, 0) | i64x2.extract_lane(all, 1);
  words |= words >> 32;
  words |= words >> 16;
  words |= words >> 8;
  let found = <u32>words & 0xff;
  for (; at < end; at++) found |= 1 << (<u32>load<u8>(at));
  return found;
}

/** Writes what a table has for the kind of each row: `low` for kinds 0 to 3, `high` for 4 to 7. Writes up to 15 bytes past them. */
export function types(kinds: usize, first: usize, count: usize, low: u32, high: u32, out: usize): void {
  const bytes = i64x2.splat(((<u64>high) << 32) | <u64>low);
  for (let at: usize = 0; at < count; at += 16)
    v128.store(out + at, i8x16.swizzle(bytes, v128.load(kinds + first + at)));
}

/** Whether a double is none. */
function isNone(value: f64): bool {
  return !(value >= 0) && !(value < 0);
}

/** How numbers are laid out in a column. */
const words: u32 = 0;
const floats: u32 = 1;

/**
 * Writes numbers as a column has them, in 32 bits (0), as doubles (1) or as whole ones in 64 (2). Of rows whose kind is none with one, or
 * where there are no kinds, whose double is none, `otherwise` is written, and zero where that is none either.
 */
export function numbers(
  kinds: usize,
  values: usize,
  first: usize,
  count: usize,
  layout: u32,
  otherwise: f64,
  out: usize,
): void {
  let to = out;
  const instead: f64 = isNone(otherwise) ? 0 : otherwise;
  for (let row = first, end = first + count; row < end; row++) {
    let value = load<f64>(values + (row << 3));
    if (kinds === 0 ? isNone(value) : load<u8>(kinds + row) !== number) value = instead;
    if (layout === words) {
      store<u32>(to, <u32>value);
      to += 4;
    } else {
      if (layout === floats) store<f64>(to, value);
      else store<i64>(to, <i64>value);
      to += 8;
    }
  }
}

/** Writes the numbers of rows that have one as whole ones in 64 bits. Gives how many; 2^32 - 1 where one is not whole or beyond 2^53. */
export function wholes(kinds: usize, values: usize, first: usize, count: usize, out: usize): u32 {
  let to = out;
  for (let row = first, end = first + count; row < end; row++) {
    if (load<u8>(kinds + row) !== number) continue;
    const value = load<f64>(values + (row << 3));
    if (!(abs(value) <= 9007199254740991) || value !== trunc(value)) return u32.MAX_VALUE;
    store<i64>(to, <i64>value);
    to += 8;
  }
  return <u32>(to - out) >> 3;
}

/** Writes a byte, 1 or 0, for each row that has a boolean. Gives how many. */
export function booleans(kinds: usize, values: usize, first: usize, count: usize, out: usize): u32 {
  let to = out;
  for (let row = first, end = first + count; row < end; row++)
    if (load<u8>(kinds + row) === boolean) store<u8>(to++, load<u32>(values + (row << 3)) === 1 ? 1 : 0);
  return <u32>(to - out);
}

/** What columns of a batch ask of the slots of a block: the keys of texts. */
import { isMade, rowsOf, text, within } from "./block-rows";

/**
 * Texts of a column that were met in a batch, with the key that each has there, as one piece of memory: how many there are; bytes of the
 * last part that are used, eight bytes that are not; the numbers of the texts that were found of late, two bytes each, by a guess; a
 * table of two bytes a place, the number of a text; the texts by number, from 1 on, 32 bytes each: the first 16 bytes, zeros behind
 * shorter ones, its size, where it lies, its key, four bytes of its hash; 16 bytes each for texts that steps made, where they begin and
 * end and where their text is here; 16 bytes for keys; then the bytes of the texts.
 */
const guessesAt: usize = 16;
const guessBits: u64 = 8;
const guessWay: u64 = 0x1e3779b97f4a7d;
const slotsAt: usize = guessesAt + 512;
const slotMask: u32 = 2047;
const entriesAt: usize = slotsAt + 4096;
const entryBytes: usize = 32;
const mostTexts: u32 = 1024;
const madeAt: usize = entriesAt + 32800;
const mostMade: u32 = 8;
const scratchAt: usize = madeAt + 128;
const bytesAt: usize = scratchAt + 16;
const mostBytes: u32 = 65536;
const maxProbes: u32 = 32;
const noRoom: u32 = u32.MAX_VALUE;
/** Groups of rows that are not tried to be of one text after one that was not. */
const restGroups: u32 = 7;

/** Bytes of the texts that the last `keys` looked for, with one more for each. */
export let spelled: u32 = 0;

/** Forgets all texts. */
export function forget(memo: usize): void {
  store<u64>(memo, 0);
  memory.fill(memo + guessesAt, 0, 512 + 4096);
  // No text has the number 0, nor this size.
  store<u32>(memo + entriesAt, u32.MAX_VALUE, 16);
}

/** The first 16 bytes of a text, zeros behind its end. Reads up to 15 bytes past it. */
function headOf(at: usize, size: u32): v128 {
  return v128.and(v128.load(at), within(size));
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

/** Sixteen bytes of two texts that are not equal, from a place on or from the last one that there is. */
function unlike(a: usize, b: usize, at: usize, last: usize): v128 {
  const from = min<usize>(at, last);
  return v128.xor(v128.load(a + from), v128.load(b + from));
}

/** Bytes behind the first sixteen that two texts have not in common; `last` is their size but sixteen. */
function unlikeBehind(a: usize, b: usize, last: usize): v128 {
  let found = unlike(a, b, last, last);
  for (let at: usize = 16; at < last; at += 16) found = v128.or(found, unlike(a, b, at, last));
  return found;
}

/** Whether two texts of more than 16 bytes, of which the first 16 are equal, are so. As few branches as may be: texts differ in size. */
function isSame(a: usize, b: usize, size: u32): bool {
  const last = <usize>size - 16;
  let found = v128.or(unlike(a, b, 16, last), unlike(a, b, 32, last));
  if (last > 32) {
    found = v128.or(found, v128.or(unlike(a, b, 48, last), unlike(a, b, 64, last)));
    found = v128.or(found, v128.or(unlike(a, b, 80, last), unlike(a, b, 96, last)));
    for (let at: usize = 112; at < last; at += 16) found = v128.or(found, unlike(a, b, at, last));
    found = v128.or(found, unlike(a, b, last, last));
  }
  return !v128.any_true(found);
}

/**
 * Looks for the texts in the rows [first, first + count) and writes the key of each, in a byte each where `narrow`, else in four; 0 for
 * rows without one, which are left out where `dense`. Texts that `memo` did not know are added, and have any key. Gives how many were
 * written and, times 65536, how many of the texts are new; 2^32 - 1 where there is no room for them, or they were made to collide.
 * Writes up to 64 bytes past the last.
 */
export function keys(
  kinds: usize,
  values: usize,
  first: usize,
  count: usize,
  dense: u32,
  narrow: u32,
  memo: usize,
  out: usize,
  seed: u64,
): u32 {
  const before = load<u32>(memo);
  let written: usize = 0;
  let one: usize = 0;
  let rest: u32 = 0;
  spelled = 0;
  madeTexts = 0;
  for (let group: usize = 0; group < count; group += 16) {
    const bits = rowsOf(text, kinds + first + group, count - group);
    const to = out + ((dense !== 0 ? written : group) << (narrow !== 0 ? 0 : 2));
    if (dense === 0 && bits !== 0xffff) fill(to, narrow, 0);
    if (bits === 0) continue;
    const rows = values + ((first + group) << 3);
    const some = popcnt<u32>(bits);
    written += <usize>some;
    if (narrow !== 0 && isMade(<usize>load<u32>(rows + ((<usize>ctz(bits)) << 3)))) {
      const told = keysOfMade(rows, bits, dense, memo, to, seed);
      if (told === 2) return noRoom;
      if (told === 1) continue;
    }
    if (one !== 0) {
      if (areAll(one, rows, bits)) {
        spelled += (load<u32>(one, 16) + 1) * some;
        const key = load<u32>(one, 24);
        if (dense !== 0 || bits === 0xffff) fill(to, narrow, key);
        else each(to, bits, narrow, key);
        continue;
      }
      one = 0;
      rest = restGroups;
    }
    const entry = keysOf(rows, bits, dense, narrow, memo, to, seed);
    if (entry === 1) return noRoom;
    if (rest > 0) rest--;
    else one = entry;
  }
  return <u32>(dense !== 0 ? written : count) | ((load<u32>(memo) - before) << 16);
}

/** Writes one key for sixteen rows. */
function fill(to: usize, narrow: u32, key: u32): void {
  if (narrow !== 0) {
    v128.store(to, i8x16.splat(<i8>key));
    return;
  }
  const four = i32x4.splat(key);
  v128.store(to, four);
  v128.store(to, four, 16);
  v128.store(to, four, 32);
  v128.store(to, four, 48);
}

/** Writes one key for some of sixteen rows. */
function each(to: usize, bits: u32, narrow: u32, key: u32): void {
  for (; bits !== 0; bits &= bits - 1) {
    const row = <usize>ctz(bits);
    if (narrow !== 0) store<u8>(to + row, <u8>key);
    else store<u32>(to + (row << 2), key);
  }
}

/** How many texts that steps made were met in the block. */
let madeTexts: u32 = 0;

/**
 * Writes the keys of some of sixteen rows of which the first has a text that a step made: such are few in a block, and told by where they
 * lie. Gives 1 where all are such, 0 with nothing written where they are not, or are many, and 2 where there is no room for a new one.
 */
function keysOfMade(rows: usize, bits: u32, dense: u32, memo: usize, to: usize, seed: u64): u32 {
  let keys = i8x16.splat(0);
  let open = bits;
  let sum: u32 = 0;
  for (let next: u32 = 0; open !== 0; next++) {
    const made = memo + madeAt + ((<usize>next) << 4);
    if (next === madeTexts) {
      const row = rows + ((<usize>ctz(open)) << 3);
      if (next === mostMade || !isMade(<usize>load<u32>(row))) return 0;
      const spelledBefore = spelled;
      const entry = keysOf(row, 1, 1, 0, memo, made + 8, seed);
      spelled = spelledBefore;
      if (entry === 1) return 2;
      store<u64>(made, load<u64>(row));
      store<u32>(made, <u32>entry, 8);
      madeTexts++;
    }
    const place = v128.load64_splat(made);
    const found = i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(four(rows, place), four(rows + 32, place)),
      i16x8.narrow_i32x4_s(four(rows + 64, place), four(rows + 96, place)),
    );
    const own = <u32>i8x16.bitmask(found) & open;
    if (own === 0) continue;
    const entry = <usize>load<u32>(made, 8);
    keys = v128.or(keys, v128.and(found, i8x16.splat(load<i8>(entry, 24))));
    sum += (load<u32>(entry, 16) + 1) * popcnt<u32>(own);
    open ^= own;
  }
  spelled += sum;
  if (bits === 0xffff) v128.store(to, keys);
  else {
    const scratch = memo + scratchAt;
    v128.store(scratch, keys);
    let at = to;
    for (; bits !== 0; bits &= bits - 1) {
      const row = <usize>ctz(bits);
      if (dense === 0) at = to + row;
      store<u8>(at++, load<u8>(scratch + row));
    }
  }
  return 1;
}

/** Four rows as words of 32 bits, all ones where their text lies at a place. */
function four(rows: usize, place: v128): v128 {
  const low = i64x2.eq(v128.load(rows), place);
  const high = i64x2.eq(v128.load(rows, 16), place);
  return i32x4.shuffle(low, high, 0, 2, 4, 6);
}

/** Whether some of sixteen rows all have the text of an entry. */
function areAll(entry: usize, rows: usize, bits: u32): bool {
  const size = load<u32>(entry, 16);
  const head = v128.load(entry);
  const mask = within(size);
  const own = <usize>load<u32>(entry, 20);
  let others = i8x16.splat(0);
  let sizes: u32 = 0;
  for (; bits !== 0; bits &= bits - 1) {
    const row = rows + ((<usize>ctz(bits)) << 3);
    const from = <usize>load<u32>(row);
    sizes |= (load<u32>(row, 4) - <u32>from) ^ size;
    others = v128.or(others, v128.and(v128.xor(head, v128.load(from)), mask));
    if (size > 16) others = v128.or(others, unlikeBehind(own, from, <usize>size - 16));
  }
  return sizes === 0 && !v128.any_true(others);
}

/**
 * Writes the keys of some of sixteen rows. Gives the entry of their text where they all have the same one, else 0; 1 where there is no room
 * for a new one.
 */
function keysOf(rows: usize, bits: u32, dense: u32, narrow: u32, memo: usize, to: usize, seed: u64): usize {
  let one: usize = 0;
  let others: usize = 0;
  let sum: u32 = 0;
  let at = to;
  for (; bits !== 0; bits &= bits - 1) {
    const row = <usize>ctz(bits);
    const place = load<u64>(rows + (row << 3));
    const size = <u32>(place >> 32) - <u32>place;
    sum += size + 1;
    const entry = entryOf(<usize>(<u32>place), size, memo, seed);
    if (entry === 0) return 1;
    others |= one ^ entry;
    one = entry;
    const key = load<u32>(entry, 24);
    if (narrow !== 0) {
      if (dense === 0) at = to + row;
      store<u8>(at++, <u8>key);
    } else {
      if (dense === 0) at = to + (row << 2);
      store<u32>(at, key);
      at += 4;
    }
  }
  spelled += sum;
  return others === one ? one : 0;
}

/** The entry of a text, which is added where it is new; 0 where it cannot be. */
function entryOf(from: usize, size: u32, memo: usize, seed: u64): usize {
  const head = headOf(from, size);
  const low = i64x2.extract_lane(head, 0);
  const high = i64x2.extract_lane(head, 1);
  // Most often a text was met of late. What its ends say of it finds it again; all of it is compared.
  let ends = <u64>size ^ low ^ rotl<u64>(high, 23);
  if (size > 16) ends ^= rotl<u64>(load<u64>(from + <usize>size - 8), 41);
  const guess = memo + guessesAt + ((<usize>((ends * guessWay) >> (64 - guessBits))) << 1);
  const entry = memo + entriesAt + <usize>load<u16>(guess) * entryBytes;
  const unlike = (load<u64>(entry) ^ low) | (load<u64>(entry, 8) ^ high) | <u64>(load<u32>(entry, 16) ^ size);
  if (unlike === 0) {
    if (size <= 16) return entry;
    if (isSame(<usize>load<u32>(entry, 20), from, size)) return entry;
  }
  return found(from, size, head, memo, guess, seed);
}

/** Finds a text by the hash of all of it. */
function found(from: usize, size: u32, head: v128, memo: usize, guess: usize, seed: u64): usize {
  const slots = memo + slotsAt;
  const hash = mixed(from, size, head, seed);
  let slot = <u32>(hash >> 32) & slotMask;
  for (let probes: u32 = 0; probes <= maxProbes; probes++) {
    const at = slots + ((<usize>slot) << 1);
    const number = <usize>load<u16>(at);
    if (number === 0) {
      if (!add(memo, from, size, head, <u32>hash)) return 0;
      const known = <u16>load<u32>(memo);
      store<u16>(at, known);
      store<u16>(guess, known);
      return memo + entriesAt + <usize>known * entryBytes;
    }
    const entry = memo + entriesAt + number * entryBytes;
    if (
      load<u32>(entry, 28) === <u32>hash &&
      load<u32>(entry, 16) === size &&
      !v128.any_true(v128.xor(head, v128.load(entry))) &&
      (size <= 16 || isSame(<usize>load<u32>(entry, 20), from, size))
    ) {
      store<u16>(guess, <u16>number);
      return entry;
    }
    slot = (slot + 1) & slotMask;
  }
  return 0;
}

/** Takes a new text. False where there is no room for it. */
function add(memo: usize, from: usize, size: u32, head: v128, hash: u32): bool {
  const known = load<u32>(memo);
  const used = load<u32>(memo, 4);
  if (known === mostTexts || size > mostBytes - used) return false;
  const entry = memo + entriesAt + <usize>(known + 1) * entryBytes;
  const at = memo + bytesAt + <usize>used;
  memory.copy(at, from, <usize>size);
  v128.store(entry, head);
  store<u32>(entry, size, 16);
  store<u32>(entry, <u32>at, 20);
  store<u32>(entry, 0, 24);
  store<u32>(entry, hash, 28);
  store<u32>(memo, known + 1);
  store<u32>(memo, used + size, 4);
  return true;
}

/** The way of a file's bytes into columns, for `../lines-wasm.ts`. `../lines-js.ts` does the same in plain TypeScript. */

/** Words of 32 bits that say where a line lies: its start, its text from and to, its end just past the newline. */
const rowBytes: usize = 16;
const endWord: usize = 12;

/** How far the last `split` came, as an offset from its `begin`. */
export let consumed: u32 = 0;
/** Bytes of the longest text that the last `split` found. */
export let longest: u32 = 0;
/** Bytes of lines without text that the last `split` passed over. */
export let passed: u32 = 0;
/** 1 where all bytes that the last `split` came by are ASCII. */
export let ascii: u32 = 0;
/** Bytes that the texts of the last `isDense` take as ClickHouse Strings. */
export let stringBytes: u32 = 0;
/** How many bytes the last `texts` wrote. */
export let written: u32 = 0;

/**
 * Finds the lines of `[begin, end)`, which ends with a newline, and writes a row for each that is not empty: offsets
 * from `begin`. Stops after `capacity` lines and gives the number of rows. Reads up to 63 bytes past `end`.
 *
 * Where the next newline is can not be guessed by the processor. So ends of lines are noted without a question whether there is one in 64
 * bytes, and their rows are made afterwards.
 */
export function split(begin: usize, end: usize, rows: usize, capacity: u32): u32 {
  const seen = noteEnds(begin, end, rows + endWord, capacity);
  let start: u32 = 0;
  let count: u32 = 0;
  let row = rows;
  longest = 0;
  passed = 0;
  for (let i: u32 = 0, at = rows; i < seen; i++, at += rowBytes) {
    const next = load<u32>(at, endWord);
    const newline = next - 1;
    // Zeros before a line are a hole in the file, not part of the line.
    let from = start;
    while (from < newline && load<u8>(begin + <usize>from) === 0) from++;
    let to = newline;
    if (to > from && load<u8>(begin + <usize>to - 1) === 13) to--;
    if (to > from) {
      store<u32>(row, start);
      store<u32>(row, from, 4);
      store<u32>(row, to, 8);
      store<u32>(row, next, endWord);
      row += rowBytes;
      count++;
      longest = max(longest, to - from);
    } else passed += next - start;
    start = next;
  }
  consumed = start;
  return count;
}

/** Notes where up to `capacity` lines end, each a row behind the one before. Gives their number, and sets `ascii`. */
function noteEnds(begin: usize, end: usize, out: usize, capacity: u32): u32 {
  // Loaded, as V8 makes a constant anew wherever it is used.
  v128.store(out, i8x16.splat(10));
  const newline = v128.load(out);
  let upper = i8x16.splat(0);
  let seen: u32 = 0;
  let block = begin;
  for (; block < end && seen < capacity; block += 64) {
    const first = v128.load(block);
    const second = v128.load(block, 16);
    const third = v128.load(block, 32);
    const fourth = v128.load(block, 48);
    let found =
      <u64>(
        (<u32>i8x16.bitmask(i8x16.eq(first, newline)) |
          ((<u32>i8x16.bitmask(i8x16.eq(second, newline))) << 16))
      ) |
      ((<u64>(
        (<u32>i8x16.bitmask(i8x16.eq(third, newline)) |
          ((<u32>i8x16.bitmask(i8x16.eq(fourth, newline))) << 16))
      )) <<
        32);
    if (block + 64 <= end) upper = v128.or(upper, v128.or(v128.or(first, second), v128.or(third, fourth)));
    else {
      found &= ((<u64>1) << (<u64>(end - block))) - 1;
      if (isUpper(block, end)) upper = i8x16.splat(-1);
    }
    const behind = <u32>(block - begin) + 1;
    store<u32>(out, behind + <u32>ctz(found));
    let count = <u32>popcnt(found);
    if (count > 1) {
      count = min(count, capacity - seen);
      for (let i: u32 = 1, at = out + rowBytes; i < count; i++, at += rowBytes) {
        found &= found - 1;
        store<u32>(at, behind + <u32>ctz(found));
      }
    }
    seen += count;
    out += <usize>count * rowBytes;
  }
  ascii = <u32>(i8x16.bitmask(upper) === 0);
  return seen;
}

/** Whether one of less than 64 bytes is not ASCII. */
function isUpper(from: usize, end: usize): bool {
  let all: u32 = 0;
  for (let at = from; at < end; at++) all |= <u32>load<u8>(at);
  return all >= 0x80;
}

/** Gives 1 where just a newline is behind each text, and the next one behind that; sets `stringBytes`. */
export function isDense(rows: usize, count: u32): u32 {
  let bytes: u32 = 0;
  let apart: u32 = 0;
  let next = load<u32>(rows, 4);
  const end = rows + <usize>count * rowBytes;
  for (let row = rows; row < end; row += rowBytes) {
    const from = load<u32>(row, 4);
    const to = load<u32>(row, 8);
    const size = to - from;
    bytes += size + 1 + <u32>(size >= 0x80) + <u32>(size >= 0x4000) + <u32>(size >= 0x200000);
    apart |= (from ^ next) | (load<u32>(row, 12) ^ (to + 1));
    next = to + 1;
  }
  stringBytes = bytes;
  return <u32>(apart === 0);
}

/**
 * Writes the texts of rows, each with a newline behind it. Stops before a text that does not fit into `room` bytes, and gives the number of rows
 * written. Writes up to 15 bytes past them, reads as much past a text.
 */
export function texts(begin: usize, rows: usize, count: u32, out: usize, room: u32): u32 {
  const last = out + <usize>room;
  let to = out;
  let done: u32 = 0;
  for (let row = rows; done < count; row += rowBytes) {
    let from = begin + <usize>load<u32>(row, 4);
    const next = to + <usize>(load<u32>(row, 8) - load<u32>(row, 4));
    if (next >= last) break;
    while (to < next) {
      v128.store(to, v128.load(from));
      from += 16;
      to += 16;
    }
    store<u8>(next, 10);
    to = next + 1;
    done++;
  }
  written = <u32>(to - out);
  return done;
}

/** The way of a file's bytes into columns, for `../lines-wasm.ts`. `../lines-js.ts` does the same in plain TypeScript. */

/** Words of 32 bits that say where a line lies: its start, its text from and to, its end just past the newline. */
const rowBytes: usize = 16;

/** How far the last `split` came, as an offset from its `begin`. */
export let consumed: u32 = 0;
/** Bytes of the longest text that the last `split` found. */
export let longest: u32 = 0;
/** Bytes that the texts of the last `isDense` take as ClickHouse Strings. */
export let stringBytes: u32 = 0;
/** How many bytes the last `texts` wrote. */
export let written: u32 = 0;

/**
 * Finds the lines of `[begin, end)`, which ends with a newline, and writes a row for each that is not empty: offsets
 * from `begin`. Stops after `capacity` rows and gives their number. Reads up to 63 bytes past `end`.
 */
export function split(begin: usize, end: usize, rows: usize, capacity: u32): u32 {
  let count: u32 = 0;
  let most: usize = 0;
  let start = begin;
  let row = rows;
  for (let block = begin; block < end; block += 64) {
    if (!hasNewline(block)) continue;
    let found = newlines(block);
    if (block + 64 > end) found &= ((<u64>1) << (<u64>(end - block))) - 1;
    for (; found !== 0; found &= found - 1) {
      if (count === capacity) {
        consumed = <u32>(start - begin);
        longest = <u32>most;
        return count;
      }
      const newline = block + <usize>ctz(found);
      // Zeros before a line are a hole in the file, not part of the line.
      let from = start;
      while (from < newline && load<u8>(from) === 0) from++;
      let to = newline;
      if (to > from && load<u8>(to - 1) === 13) to--;
      if (to > from) {
        store<u32>(row, <u32>(start - begin));
        store<u32>(row, <u32>(from - begin), 4);
        store<u32>(row, <u32>(to - begin), 8);
        store<u32>(row, <u32>(newline + 1 - begin), 12);
        row += rowBytes;
        count++;
        most = max(most, to - from);
      }
      start = newline + 1;
    }
  }
  consumed = <u32>(start - begin);
  longest = <u32>most;
  return count;
}

/** Whether one of 64 bytes is a newline: most lines are longer, and to say which one costs more. */
function hasNewline(block: usize): bool {
  const newline = i8x16.splat(10);
  const first = v128.or(i8x16.eq(v128.load(block), newline), i8x16.eq(v128.load(block, 16), newline));
  const second = v128.or(i8x16.eq(v128.load(block, 32), newline), i8x16.eq(v128.load(block, 48), newline));
  return v128.any_true(v128.or(first, second));
}

/** Which of 64 bytes are newlines. */
function newlines(block: usize): u64 {
  const newline = i8x16.splat(10);
  return (
    <u64>i8x16.bitmask(i8x16.eq(v128.load(block), newline)) |
    ((<u64>i8x16.bitmask(i8x16.eq(v128.load(block, 16), newline))) << 16) |
    ((<u64>i8x16.bitmask(i8x16.eq(v128.load(block, 32), newline))) << 32) |
    ((<u64>i8x16.bitmask(i8x16.eq(v128.load(block, 48), newline))) << 48)
  );
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

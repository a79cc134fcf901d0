/** LZ4 blocks of at most 64 KiB, each by itself, for `../pack-wasm.ts`. `../pack-js.ts` does the same in plain TypeScript. */

import { copy } from "./shared/copy";

export { strings } from "./shared/strings";

/** Matches are of at least so many bytes. */
const leastMatch: usize = 4;
/** The format wants a block to end with so many literals, and no match to begin so near its end. */
const lastLiterals: usize = 5;
const matchEnd: usize = 13;
/** A place is looked up by so many bytes: in logs, fewer are found too often where nothing follows. */
const knownBytes: usize = 8;
/** The table has 2^13 places. */
const tableBits: u64 = 13;

const spread: u64 = ((<u64>0x9e3779b1) << 32) | 0x85ebca87;

function slotOf(bytes: u64, bits: u64): usize {
  return (<usize>((bytes * spread) >> (64 - bits))) << 1;
}

/** How many bytes are equal from two places on, up to `end`. */
function equalBytes(first: usize, second: usize, end: usize): usize {
  let at = second;
  while (at + 16 <= end) {
    const same = <u32>i8x16.bitmask(i8x16.eq(v128.load(first), v128.load(at)));
    if (same !== 0xffff) return at - second + <usize>ctz(~same);
    first += 16;
    at += 16;
  }
  while (at < end && load<u8>(first) === load<u8>(at)) {
    first++;
    at++;
  }
  return at - second;
}

function putLength(out: usize, length: usize): usize {
  while (length >= 255) {
    store<u8>(out++, 255);
    length -= 255;
  }
  store<u8>(out++, <u8>length);
  return out;
}

/** Writes literals: 16 bytes without a question, as most are fewer. Writes and reads up to 15 too many. */
function putLiterals(out: usize, from: usize, size: usize): usize {
  if (size >= 15) return copy(putLength(out, size - 15), from, size);
  v128.store(out, v128.load(from));
  return out + size;
}

/** Writes literals from `anchor` on and a match up to `stop`, which is known from `at` on: bytes in front may be equal as well. */
function putSequence(input: usize, anchor: usize, found: usize, at: usize, stop: usize, out: usize): usize {
  const before = <usize>clz(load<u64>(at - 8) ^ load<u64>(found - 8)) >> 3;
  const back = min(min(at - anchor, found - input), before);
  const literals = at - back - anchor;
  const more = stop - at + back - leastMatch;
  const token = out++;
  out = putLiterals(out, anchor, literals);
  store<u16>(out, <u16>(at - found));
  out += 2;
  if (more >= 15) out = putLength(out, more - 15);
  store<u8>(token, <u8>((min<usize>(literals, 15) << 4) | min<usize>(more, 15)));
  return out;
}

function putLast(out: usize, anchor: usize, end: usize): usize {
  const literals = end - anchor;
  store<u8>(out++, <u8>(min<usize>(literals, 15) << 4));
  return putLiterals(out, anchor, literals);
}

/**
 * Packs `size` bytes, at most 64 KiB, into `out`, where there must be room for them, a 255th more and 32 bytes. `table` has room for
 * 2^13 places of two bytes. Gives the number of bytes written. Reads up to 64 bytes past the input, and 8 in front of it.
 */
export function pack(input: usize, size: u32, out: usize, table: usize): u32 {
  const end = input + <usize>size;
  return <u32>(
    ((hasWords(input, size) ? packWords(input, end, out, table) : packBytes(input, end, out, table)) - out)
  );
}

/**
 * Every other place is looked up, and all are noted: what is missed by one byte is won back by looking at the bytes in front, and
 * half of the look-ups, each of which may be guessed wrongly by the processor, are saved.
 */
function packBytes(input: usize, end: usize, out: usize, table: usize): usize {
  let anchor = input;
  if (end - input > matchEnd) {
    memory.fill(table, 0, 2 << (<u32>tableBits));
    const last = end - matchEnd;
    const limit = end - lastLiterals;
    let at = input + 1;
    for (;;) {
      let found: usize = 0;
      // Larger steps the longer nothing is found.
      for (let step: usize = 2 << 6; at <= last; at += step++ >> 6) {
        const bytes = load<u64>(at);
        const slot = table + slotOf(bytes, tableBits);
        found = input + <usize>load<u16>(slot);
        store<u16>(table + slotOf(load<u64>(at - 1), tableBits), <u16>(at - 1 - input));
        store<u16>(slot, <u16>(at - input));
        if (load<u64>(found) === bytes) break;
      }
      if (at > last) break;
      // The end first: the next place to look up depends on it alone.
      const stop = at + knownBytes + equalBytes(found + knownBytes, at + knownBytes, limit);
      out = putSequence(input, anchor, found, at, stop, out);
      anchor = stop;
      at = stop;
    }
  }
  return putLast(out, anchor, end);
}

/** Spaces, quotes and what is below them end words; so, as numbers with a sign, do bytes that are not ASCII. */
const firstOfWords: i8 = 0x23;
/** A table of words has 2^11 places. */
const wordBits: u64 = 11;
const wordTable: usize = 2 << (<usize>wordBits);
/** What is noted of a place comes from so many bytes behind it at most, and more than three steps of 16 are to come. */
const wordEnd: usize = 64;
/** Less is packed as bytes. */
const leastText: u32 = 1_024;
const samples: usize = 64;
const leastEnds: i32 = 24;
const mostEnds: i32 = 400;
/** Smaller bytes than these are rare in texts, and not in numbers. */
const firstOfTexts: u8 = 9;
const mostOthers: i32 = 16;

function endsOfWords(at: usize): i32 {
  return i8x16.bitmask(i8x16.lt_s(v128.load(at), i8x16.splat(firstOfWords)));
}

/** A bit for each of 32 bytes that ends a word. */
function endsFrom(at: usize): u32 {
  return <u32>endsOfWords(at) | ((<u32>endsOfWords(at + 16)) << 16);
}

/** Whether 16 bytes at each of 64 places look like text: words end as often as there, and there are few bytes that texts hardly have. */
function hasWords(input: usize, size: u32): bool {
  if (size < leastText) return false;
  const step = (<usize>size - 16) / (samples - 1);
  let ends = 0;
  let others = 0;
  for (let i: usize = 0; i < samples; i++) {
    const at = input + i * step;
    ends += popcnt(endsOfWords(at));
    others += popcnt(i8x16.bitmask(i8x16.lt_u(v128.load(at), i8x16.splat(firstOfTexts))));
  }
  return ends >= leastEnds && ends <= mostEnds && others <= mostOthers;
}

/**
 * Only ends of words are looked up and noted, by what follows them: as they are where they are by what is written and not by chance, a few
 * look-ups a line find nearly all that comes again. Each is looked up by some of the 36 bytes that follow, else by sixteen, else by eight:
 * what goes on in the same way for longer makes one sequence in place of two.
 *
 * Each look-up waits for where the match before it ended, and little else takes time. So the next end of a word is not looked for from there: those
 * of the last bytes that were compared are known as soon as the first byte that differs.
 */
function packWords(input: usize, end: usize, out: usize, table: usize): usize {
  memory.fill(table, 0, wordTable * 3);
  const last = end - wordEnd;
  let anchor = input;
  let base = input + 1;
  let ends = endsFrom(base);
  for (;;) {
    let at = base;
    let found: usize = 0;
    for (;;) {
      if (ends === 0) {
        base += 32;
        at = base;
        if (base > last) break;
        ends = endsFrom(base);
        continue;
      }
      at = base + <usize>ctz(ends);
      ends &= ends - 1;
      const bytes = load<u64>(at);
      const place = <u16>(at - input);
      const long =
        table + slotOf(bytes ^ rotl(load<u64>(at, 14), 23) ^ rotl(load<u64>(at, 28), 13), wordBits);
      found = input + <usize>load<u16>(long, wordTable * 2);
      store<u16>(long, place, wordTable * 2);
      if (load<u64>(found) === bytes) break;
      const middle = table + slotOf(bytes ^ rotl(load<u64>(at, 8), 23), wordBits);
      found = input + <usize>load<u16>(middle, wordTable);
      store<u16>(middle, place, wordTable);
      if (load<u64>(found) === bytes) break;
      const short = table + slotOf(bytes, wordBits);
      found = input + <usize>load<u16>(short);
      store<u16>(short, place);
      if (load<u64>(found) === bytes) break;
    }
    if (at > last) break;
    let first = found;
    let stop: usize = 0;
    for (base = at; ; ) {
      const same = <u32>i8x16.bitmask(i8x16.eq(v128.load(first), v128.load(base)));
      if (same !== 0xffff) {
        const equal = <u32>ctz(~same);
        ends = endsFrom(base) & (u32.MAX_VALUE << equal);
        stop = base + <usize>equal;
        break;
      }
      first += 16;
      base += 16;
      if (base > last) {
        base += equalBytes(first, base, end - lastLiterals);
        ends = endsFrom(base);
        stop = base;
        break;
      }
    }
    out = putSequence(input, anchor, found, at, stop, out);
    anchor = stop;
  }
  return putLast(out, anchor, end);
}

/** Words of 32 bits of a row of `lines.ts`: where its text begins, and where it ends. */
const rowBytes: usize = 16;
const fromWord: usize = 4;
const toWord: usize = 8;
/** Most bytes of a block, and most that it takes with the two words in front. */
const pieceBytes: u32 = 64 << 10;
const headBytes: usize = 8;
const blockBytes: u32 = pieceBytes + pieceBytes / 255 + 1 + 32 + <u32>headBytes;

/** How many bytes the last `packRows` wrote. */
export let written: u32 = 0;

/**
 * Packs the texts of `count` rows, offsets from `begin`, which lie behind each other with a newline behind each and of which none is longer than a
 * block: as blocks of whole texts and about the same size, each behind its size with `mark` and the size that it takes. What does not become
 * smaller is kept as it is. Stops before a block for which `room` bytes may be too few, and gives the number of rows that were packed.
 */
export function packRows(
  begin: usize,
  rows: usize,
  count: u32,
  mark: u32,
  out: usize,
  room: u32,
  table: usize,
): u32 {
  const start = out;
  const stop = endOf(rows, count - 1);
  let from = load<u32>(rows, fromWord);
  let row: u32 = 0;
  while (row < count && <u32>(out - start) + blockBytes <= room) {
    const rest = stop - from;
    const blocks = (rest + pieceBytes - 1) / pieceBytes;
    const most = from + (rest + blocks - 1) / blocks;
    // The first row that does not fit.
    row++;
    for (let more = count; row < more; ) {
      const middle = (row + more) >> 1;
      if (endOf(rows, middle) <= most) row = middle + 1;
      else more = middle;
    }
    const to = endOf(rows, row - 1);
    const size = to - from;
    let kept = pack(begin + <usize>from, size, out + headBytes, table);
    if (kept >= size) {
      kept = size;
      memory.copy(out + headBytes, begin + <usize>from, <usize>size);
    }
    store<u32>(out, size + mark);
    store<u32>(out, kept, 4);
    out += headBytes + <usize>kept;
    from = to;
  }
  written = <u32>(out - start);
  return row;
}

/** Where a row's text and the newline behind it end. */
function endOf(rows: usize, row: u32): u32 {
  return load<u32>(rows + <usize>row * rowBytes, toWord) + 1;
}

/** Where the last length that was read ended; 0 where the input ended before it. */
let lengthEnd: usize = 0;

function readLength(input: usize, end: usize): usize {
  let length: usize = 0;
  while (input < end) {
    const byte = <usize>load<u8>(input++);
    length += byte;
    if (byte !== 255) {
      lengthEnd = input;
      return length;
    }
  }
  lengthEnd = 0;
  return 0;
}

/**
 * Unpacks a block of `size` bytes, at most 128 KiB, into `out`, which has room for `room` bytes. Gives the number of bytes
 * written, or 2^32 - 1 where the block is damaged. Reads and writes up to 18 bytes past the ends.
 */
export function unpack(input: usize, size: u32, out: usize, room: u32): u32 {
  const end = input + <usize>size;
  const begin = out;
  const outEnd = out + <usize>room;
  while (input < end) {
    const token = <usize>load<u8>(input++);
    let literals = token >> 4;
    if (literals < 15) {
      // Most are few, and so are bytes of matches: they are copied at once and without a loop.
      if (literals > end - input || literals > outEnd - out) return u32.MAX_VALUE;
      v128.store(out, v128.load(input));
      out += literals;
    } else {
      literals += readLength(input, end);
      input = lengthEnd;
      if (input === 0 || literals > end - input || literals > outEnd - out) return u32.MAX_VALUE;
      out = copy(out, input, literals);
    }
    input += literals;
    if (input === end) return <u32>(out - begin);
    if (end - input < 2) return u32.MAX_VALUE;
    const distance = <usize>load<u16>(input);
    input += 2;
    let length = token & 15;
    if (length < 15) {
      length += leastMatch;
      if (distance > out - begin || length > outEnd - out) return u32.MAX_VALUE;
      if (distance >= 16) {
        const from = out - distance;
        v128.store(out, v128.load(from));
        store<u16>(out, load<u16>(from, 16), 16);
        out += length;
        continue;
      }
    } else {
      length += leastMatch + readLength(input, end);
      input = lengthEnd;
      if (input === 0 || distance > out - begin || length > outEnd - out) return u32.MAX_VALUE;
      if (distance >= 16) {
        out = copy(out, out - distance, length);
        continue;
      }
    }
    if (distance === 0) return u32.MAX_VALUE;
    for (const stop = out + length; out < stop; out++) store<u8>(out, load<u8>(out - distance));
  }
  return u32.MAX_VALUE;
}

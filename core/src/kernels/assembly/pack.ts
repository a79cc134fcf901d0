/** LZ4 blocks of at most 64 KiB, each by itself, for `../pack-wasm.ts`. `../pack-js.ts` does the same in plain TypeScript. */

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

function slotOf(bytes: u64): usize {
  return (<usize>((bytes * spread) >> (64 - tableBits))) << 1;
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

/** Copies 16 bytes at a time; may write up to 15 too many. Gives where it should have ended. */
function copy(out: usize, from: usize, size: usize): usize {
  const end = out + size;
  while (out < end) {
    v128.store(out, v128.load(from));
    out += 16;
    from += 16;
  }
  return end;
}

/** Writes literals: 16 bytes without a question, as most are fewer. Writes and reads up to 15 too many. */
function putLiterals(out: usize, from: usize, size: usize): usize {
  if (size >= 15) return copy(putLength(out, size - 15), from, size);
  v128.store(out, v128.load(from));
  return out + size;
}

/**
 * Packs `size` bytes, at most 64 KiB, into `out`, where there must be room for them, a 255th more and 32 bytes. `table` has
 * 2^13 places of two bytes. Gives the number of bytes written. Reads up to 15 bytes past the input, and 8 in front of it.
 *
 * Every other place is looked up, and all are noted: what is missed by one byte is won back by looking at the bytes in front, and
 * half of the look-ups, each of which may be guessed wrongly by the processor, are saved.
 */
export function pack(input: usize, size: u32, out: usize, table: usize): u32 {
  const end = input + <usize>size;
  const begin = out;
  let anchor = input;
  if (<usize>size > matchEnd) {
    memory.fill(table, 0, 2 << (<u32>tableBits));
    const last = end - matchEnd;
    const limit = end - lastLiterals;
    let at = input + 1;
    for (;;) {
      let found: usize = 0;
      // Larger steps the longer nothing is found.
      for (let step: usize = 2 << 6; at <= last; at += step++ >> 6) {
        const bytes = load<u64>(at);
        const slot = table + slotOf(bytes);
        found = input + <usize>load<u16>(slot);
        store<u16>(table + slotOf(load<u64>(at - 1)), <u16>(at - 1 - input));
        store<u16>(slot, <u16>(at - input));
        if (load<u64>(found) === bytes) break;
      }
      if (at > last) break;
      // The end first: the next place to look up depends on it alone.
      const stop = at + knownBytes + equalBytes(found + knownBytes, at + knownBytes, limit);
      const before = <usize>clz(load<u64>(at - 8) ^ load<u64>(found - 8)) >> 3;
      const back = min(min(at - anchor, found - input), before);
      at -= back;
      found -= back;
      const token = out++;
      const literals = at - anchor;
      out = putLiterals(out, anchor, literals);
      store<u16>(out, <u16>(at - found));
      out += 2;
      const more = stop - at - leastMatch;
      if (more >= 15) out = putLength(out, more - 15);
      store<u8>(token, <u8>((min<usize>(literals, 15) << 4) | min<usize>(more, 15)));
      anchor = stop;
      at = stop;
    }
  }
  const literals = end - anchor;
  store<u8>(out++, <u8>(min<usize>(literals, 15) << 4));
  return <u32>(putLiterals(out, anchor, literals) - begin);
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

/** LZ4 blocks of at most 64 KiB, each by itself, for `../pack-wasm.ts`. `../pack-js.ts` does the same in plain TypeScript. */

/** Matches are of at least so many bytes. */
const leastMatch: usize = 4;
/** The format wants a block to end with so many literals, and no match to begin so near its end. */
const lastLiterals: usize = 5;
const matchEnd: usize = 12;

/** Six bytes: in logs, four are found too often where nothing follows. */
function slotOf(at: usize, bits: u32): usize {
  const hash = (load<u32>(at) * 0x9e3779b1) ^ (<u32>load<u16>(at, 4) * 0x85ebca77);
  return (<usize>(hash >> (32 - bits))) << 1;
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

/**
 * Packs `size` bytes, at most 64 KiB, into `out`, where there must be room for them, a 255th more and 32 bytes. `table` has
 * 2^bits places of two bytes. Gives the number of bytes written. Reads up to 15 bytes past the input.
 */
export function pack(input: usize, size: u32, out: usize, table: usize, bits: u32): u32 {
  const end = input + <usize>size;
  const begin = out;
  let anchor = input;
  if (<usize>size > matchEnd) {
    memory.fill(table, 0, 2 << bits);
    const last = end - matchEnd;
    const limit = end - lastLiterals;
    let at = input + 1;
    for (;;) {
      let found: usize = 0;
      let step: usize = 1 << 6;
      let next = at;
      // Larger steps the longer nothing is found.
      for (;;) {
        at = next;
        next = at + (step++ >> 6);
        if (at > last) break;
        const slot = table + slotOf(at, bits);
        found = input + <usize>load<u16>(slot);
        store<u16>(slot, <u16>(at - input));
        if (load<u32>(found) === load<u32>(at)) break;
      }
      if (at > last) break;
      while (at > anchor && found > input && load<u8>(at - 1) === load<u8>(found - 1)) {
        at--;
        found--;
      }
      for (;;) {
        const token = out++;
        const literals = at - anchor;
        let head: u8 = <u8>(min<usize>(literals, 15) << 4);
        if (literals >= 15) out = putLength(out, literals - 15);
        out = copy(out, anchor, literals);
        store<u16>(out, <u16>(at - found));
        out += 2;
        const more = equalBytes(found + leastMatch, at + leastMatch, limit);
        at += more + leastMatch;
        head |= <u8>min<usize>(more, 15);
        if (more >= 15) out = putLength(out, more - 15);
        store<u8>(token, head);
        anchor = at;
        if (at > last) break;
        store<u16>(table + slotOf(at - 2, bits), <u16>(at - 2 - input));
        const slot = table + slotOf(at, bits);
        found = input + <usize>load<u16>(slot);
        store<u16>(slot, <u16>(at - input));
        if (load<u32>(found) !== load<u32>(at)) break;
      }
      if (at > last) break;
      at++;
    }
  }
  const literals = end - anchor;
  store<u8>(out++, <u8>(min<usize>(literals, 15) << 4));
  if (literals >= 15) out = putLength(out, literals - 15);
  return <u32>(copy(out, anchor, literals) - begin);
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

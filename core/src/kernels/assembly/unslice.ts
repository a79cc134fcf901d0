/** Columns that are made from the lines of their rows, for `../unslice.ts`. Plain TypeScript does the same in `../../batch`. */

/** How many bytes the last `texts` wrote. */
export let written: u32 = 0;

const idBytes: usize = 33;
const prefixBytes: usize = 20;

/**
 * Where each of `count` texts begins, behind its length in LEB128, and where it ends, both from `bytes` on. Gives 0 where they do not
 * fill `size` bytes, or one is longer than 2 MiB, else 1.
 */
export function bounds(bytes: usize, size: usize, count: u32, out: usize): u32 {
  const end = bytes + size;
  let at = bytes;
  for (let i: u32 = 0; i < count; i++, out += 8) {
    let length: usize = 0;
    let shift: usize = 0;
    for (;;) {
      if (at >= end || shift > 14) return 0;
      const byte = <usize>load<u8>(at++);
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
      shift += 7;
    }
    if (length > end - at) return 0;
    store<u32>(out, <u32>(at - bytes));
    at += length;
    store<u32>(out, <u32>(at - bytes), 4);
  }
  return at === end ? 1 : 0;
}

/** Small words of `width` planes of a byte each, or with 0 of half a byte, one after the other; each is above `least`. */
export function words(data: usize, width: u32, least: u32, count: usize, out: usize): void {
  if (width === 0) {
    for (let i: usize = 0; i < count; i++) {
      const both = <u32>load<u8>(data + (i >> 1));
      store<u32>(out + (i << 2), least + ((both >> ((<u32>(i & 1)) << 2)) & 15));
    }
    return;
  }
  for (let i: usize = 0; i < count; i++) store<u32>(out + (i << 2), least + <u32>load<u8>(data + i));
  for (let plane: u32 = 1; plane < width; plane++) {
    data += count;
    for (let i: usize = 0; i < count; i++) {
      const at = out + (i << 2);
      store<u32>(at, load<u32>(at) + ((<u32>load<u8>(data + i)) << (plane << 3)));
    }
  }
}

/**
 * Writes texts as ClickHouse Strings: each is `sizes` long from `starts` on in the line of its row, which is its own number or what `rows`
 * says. Stops before one that may not fit into `room` bytes, and gives how many are done; 2^32 - 1 where one is not in its line. Writes up
 * to 15 bytes past them, reads as much past a text.
 */
export function texts(
  lines: usize,
  bounds: usize,
  rows: usize,
  starts: usize,
  sizes: usize,
  first: u32,
  count: u32,
  out: usize,
  room: usize,
): u32 {
  const last = out + room;
  let to = out;
  let done: u32 = 0;
  for (; done < count; done++) {
    const at = (<usize>(first + done)) << 2;
    let size = load<u32>(sizes + at);
    if (size === 0) {
      if (to === last) break;
      store<u8>(to++, 0);
      continue;
    }
    const row = rows === 0 ? at >> 2 : <usize>load<u32>(rows + at);
    const begin = load<u32>(bounds + (row << 3));
    const length = load<u32>(bounds + (row << 3), 4) - begin;
    const start = load<u32>(starts + at);
    if (start > length || size > length - start) return u32.MAX_VALUE;
    if (to + <usize>size + 5 > last) break;
    let from = lines + <usize>begin + <usize>start;
    const behind = <usize>size;
    while (size >= 0x80) {
      store<u8>(to++, <u8>(size | 0x80));
      size >>= 7;
    }
    store<u8>(to++, <u8>size);
    const end = to + behind;
    while (to < end) {
      v128.store(to, v128.load(from));
      from += 16;
      to += 16;
    }
    to = end;
  }
  written = <u32>(to - out);
  return done;
}

/**
 * Writes `count` ids of lines as ClickHouse Strings: the 20 characters of `prefix`, then 12 hexadecimal digits of the place of the line. The first
 * is at `place`, each next one behind the text of the row before it, from `row` on, and `gap` more. Gives the place behind the last.
 */
export function ids(
  bounds: usize,
  row: usize,
  count: u32,
  prefix: usize,
  place: u64,
  gap: u32,
  out: usize,
): u64 {
  const head = v128.load(prefix);
  const tail = load<u32>(prefix, 16);
  let at = bounds + (row << 3);
  for (let i: u32 = 0; i < count; i++, at += 8, out += idBytes) {
    store<u8>(out, 32);
    v128.store(out, head, 1);
    store<u32>(out, tail, 17);
    const digits = out + prefixBytes + 1;
    let rest = place;
    for (let digit: usize = 12; digit > 0; rest >>= 4) {
      const value = <u32>(rest & 15);
      store<u8>(digits + --digit, <u8>(value + (value < 10 ? 48 : 87)));
    }
    place += <u64>(load<u32>(at, 4) - load<u32>(at) + gap);
  }
  return place;
}

/** Values that lie in the bytes of lines, for `../slices.ts`. Plain TypeScript does the same value by value, in `../../batch`. */
import { equal, hashOf } from "./shared/values";

/** How many bytes the last `texts` wrote. */
export let written: u32 = 0;

/** A place: the row of the value, and where it begins and ends behind `begin`. */
const placeBytes: usize = 12;

/**
 * Numbers the distinct values among `count` places in the order of their coming: the number of each goes to `ids`, the first place of
 * each number to `firsts`, and how many there are is returned. `slots` is a table of 2^bits words, at least twice `count`;
 * `hashes` takes 8 bytes a value.
 */
export function distinct(
  begin: usize,
  places: usize,
  count: u32,
  ids: usize,
  firsts: usize,
  hashes: usize,
  slots: usize,
  bits: u32,
  seed: u64,
): u32 {
  const mask: u32 = (1 << bits) - 1;
  memory.fill(slots, 0, 4 << bits);
  let known: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const place = places + <usize>i * placeBytes;
    const from = load<u32>(place, 4);
    const at = begin + <usize>from;
    const size = load<u32>(place, 8) - from;
    const hash = hashOf(at, size, seed);
    let slot = <u32>(hash >> 32) & mask;
    let id: u32 = 0;
    for (;;) {
      id = load<u32>(slots + ((<usize>slot) << 2));
      if (id === 0) break;
      if (load<u64>(hashes + ((<usize>id) << 3)) === hash) {
        const first = places + <usize>load<u32>(firsts + ((<usize>(id - 1)) << 2)) * placeBytes;
        const start = load<u32>(first, 4);
        if (load<u32>(first, 8) - start === size && equal(begin + <usize>start, at, size)) break;
      }
      slot = (slot + 1) & mask;
    }
    if (id === 0) {
      store<u32>(firsts + ((<usize>known) << 2), i);
      id = ++known;
      store<u32>(slots + ((<usize>slot) << 2), id);
      store<u64>(hashes + ((<usize>id) << 3), hash);
    }
    store<u32>(ids + ((<usize>i) << 2), id - 1);
  }
  return known;
}

/**
 * Writes the texts of places as ClickHouse Strings, each behind its length in LEB128, with an empty one for each row that has no
 * place, from `row` on. Stops before what may not fit into `room` bytes and gives the number of places done. Writes up to 15
 * bytes past them, reads as much past a text.
 */
export function texts(begin: usize, places: usize, count: u32, row: u32, out: usize, room: u32): u32 {
  const last = out + <usize>room;
  let to = out;
  let next = row;
  let done: u32 = 0;
  for (; done < count; done++) {
    const place = places + <usize>done * placeBytes;
    const own = load<u32>(place);
    let from = begin + <usize>load<u32>(place, 4);
    const end = begin + <usize>load<u32>(place, 8);
    let size = <u32>(end - from);
    const gap = <usize>(own - next);
    if (to + gap + <usize>size + 5 > last) break;
    if (gap > 0) {
      memory.fill(to, 0, gap);
      to += gap;
    }
    while (size >= 0x80) {
      store<u8>(to++, <u8>(size | 0x80));
      size >>= 7;
    }
    store<u8>(to++, <u8>size);
    const behind = to + (end - from);
    while (from < end) {
      v128.store(to, v128.load(from));
      from += 16;
      to += 16;
    }
    to = behind;
    next = own + 1;
  }
  written = <u32>(to - out);
  return done;
}

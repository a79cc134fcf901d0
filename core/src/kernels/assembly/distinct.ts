/** Finds equal values of a column, for `../distinct-wasm.ts`. `../distinct-js.ts` does the same in plain TypeScript. */
import { equal, hashOf } from "./shared/values";

/** Distinct values so far. */
export let count: u32 = 0;
/** Bytes of them in the arena. */
export let used: u32 = 0;

/** Values behind each other in the arena: hash, place and length of each, 16 bytes. */
const entryBytes: usize = 16;
const maxProbes: u32 = 128;

/**
 * Writes the number of each value to `out` and keeps new ones in the arena. Gives how many values were done: fewer than `values`
 * where `most` distinct ones are reached, the arena's `room` is full or too many values share a slot. `slots` is a table of 2^bits words, zero at first.
 */
export function run(
  begin: usize,
  bounds: usize,
  values: u32,
  out: usize,
  slots: usize,
  bits: u32,
  entries: usize,
  most: u32,
  arena: usize,
  room: u32,
  seed: u64,
): u32 {
  const mask: u32 = (1 << bits) - 1;
  for (let v: u32 = 0; v < values; v++) {
    const at = begin + <usize>load<u32>(bounds + ((<usize>v) << 3));
    const size = load<u32>(bounds + ((<usize>v) << 3), 4) - load<u32>(bounds + ((<usize>v) << 3));
    const hash = hashOf(at, size, seed);
    let slot = <u32>(hash >> 32) & mask;
    let found: u32 = 0xffffffff;
    for (let probes: u32 = 0; ; probes++) {
      // Values may be made to collide; then there is no use in going on.
      if (probes === maxProbes) return v;
      const known = load<u32>(slots + ((<usize>slot) << 2));
      if (known === 0) break;
      const entry = entries + <usize>(known - 1) * entryBytes;
      if (
        load<u64>(entry) === hash &&
        load<u32>(entry, 12) === size &&
        equal(arena + <usize>load<u32>(entry, 8), at, size)
      ) {
        found = known - 1;
        break;
      }
      slot = (slot + 1) & mask;
    }
    if (found === 0xffffffff) {
      if (count === most || used + size > room) return v;
      found = count++;
      store<u32>(slots + ((<usize>slot) << 2), count);
      const entry = entries + <usize>found * entryBytes;
      store<u64>(entry, hash);
      store<u32>(entry, used, 8);
      store<u32>(entry, size, 12);
      memory.copy(arena + <usize>used, at, <usize>size);
      used += size;
    }
    store<u32>(out + ((<usize>v) << 2), found);
  }
  return values;
}

/** Lays out a table of 2^bits words anew for the values so far, of which there are fewer than it has words. */
export function spread(slots: usize, bits: u32, entries: usize): void {
  memory.fill(slots, 0, 4 << bits);
  const mask: u32 = (1 << bits) - 1;
  for (let number: u32 = 0; number < count; number++) {
    let slot = <u32>(load<u64>(entries + <usize>number * entryBytes) >> 32) & mask;
    while (load<u32>(slots + ((<usize>slot) << 2)) !== 0) slot = (slot + 1) & mask;
    store<u32>(slots + ((<usize>slot) << 2), number + 1);
  }
}

/** Starts anew. */
export function clear(slots: usize, bits: u32): void {
  count = 0;
  used = 0;
  memory.fill(slots, 0, 4 << bits);
}

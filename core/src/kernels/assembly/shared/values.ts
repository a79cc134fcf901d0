/** Values as bytes in memory, for the kernels that find equal ones. */

/** Mixes 8 bytes at a time. Reads up to 7 bytes past the value, and masks them. */
export function hashOf(at: usize, size: u32, seed: u64): u64 {
  let hash: u64 = seed ^ (<u64>size * 0x1e3779b97f4a7d);
  let p = at;
  let left = size;
  while (left >= 8) {
    hash = (hash ^ load<u64>(p)) * 0x1f51afd7ed558d;
    hash ^= hash >> 32;
    p += 8;
    left -= 8;
  }
  if (left > 0) {
    const last = load<u64>(p) & ((1 << ((<u64>left) << 3)) - 1);
    hash = (hash ^ last) * 0x1f51afd7ed558d;
    hash ^= hash >> 32;
  }
  hash *= 0x14ceb9fe1a85ed;
  return hash ^ (hash >> 29);
}

/** Whether two values have the same bytes; reads up to 7 past each, and masks them. */
export function equal(a: usize, b: usize, size: u32): bool {
  let i: usize = 0;
  const end = <usize>size;
  while (i + 8 <= end) {
    if (load<u64>(a + i) !== load<u64>(b + i)) return false;
    i += 8;
  }
  if (i === end) return true;
  const mask: u64 = (1 << ((<u64>(end - i)) << 3)) - 1;
  return ((load<u64>(a + i) ^ load<u64>(b + i)) & mask) === 0;
}

/**
 * Makes bytes fewer that have the same CRC-32, for `../checksum.ts`.
 *
 * A block of 16 bytes counts for a CRC as much as the same block counted four times, 145, 183, 211 and 300 blocks further on: x^38400 + x^19840 +
 * x^14976 + x^11392 + 1 is a multiple of its polynomial. So a block is added there, and is gone itself. Here each block takes what blocks before it have for it.
 */
const farthest: usize = 300 * 16;
const third: usize = 211 * 16;
const second: usize = 183 * 16;
const nearest: usize = 145 * 16;

/** The block `offset` behind `at`, with what blocks before it have for it. */
function withEarlier(at: usize, offset: usize): v128 {
  const far = v128.xor(v128.load(at - farthest + offset), v128.load(at - third + offset));
  const near = v128.xor(v128.load(at - second + offset), v128.load(at - nearest + offset));
  return v128.xor(v128.load(at + offset), v128.xor(far, near));
}

/** Takes `size` bytes, a multiple of 64, out of the sum. The last 4,800 bytes then lie in front of `begin`, where those before must lie. */
export function fold(begin: usize, size: u32): void {
  const end = begin + <usize>size;
  for (let at = begin; at < end; at += 64) {
    v128.store(at, withEarlier(at, 0));
    v128.store(at, withEarlier(at, 16), 16);
    v128.store(at, withEarlier(at, 32), 32);
    v128.store(at, withEarlier(at, 48), 48);
  }
  memory.copy(begin - farthest, end - farthest, farthest);
}

/** Adds what the bytes before have for the last 4,800. */
export function settle(begin: usize): void {
  add(begin, farthest);
  add(begin, third);
  add(begin, second);
  add(begin, nearest);
}

function add(begin: usize, distance: usize): void {
  for (let at = begin; at < begin + distance; at += 16) {
    v128.store(at, v128.xor(v128.load(at), v128.load(at - distance)));
  }
}

import { fromOf, text, toOf } from "./block-rows";

/** Bytes that the texts have which the last `slices` wrote, each behind its length; those that lie elsewhere as empty ones. */
export let sliced: u32 = 0;

/**
 * Writes where the texts in the rows [first, first + count) begin in the lines of their rows, and how long they are; zeros for rows
 * without one, which are left out where `dense`. A text that lies elsewhere begins at 2^32 - 1. Gives how many were written and, times
 * 65536, how many of them lie elsewhere.
 */
export function slices(
  kinds: usize,
  values: usize,
  lines: usize,
  first: usize,
  count: usize,
  dense: u32,
  starts: usize,
  sizes: usize,
): u32 {
  let written: u32 = 0;
  let elsewhere: u32 = 0;
  let bytes: u32 = 0;
  for (let row = first; row < first + count; row++) {
    let start: u32 = 0;
    let size: u32 = 0;
    if (load<u8>(kinds + row) === text) {
      const from = fromOf(values, row);
      const to = toOf(values, row);
      const line = fromOf(lines, row);
      if (from >= line && to <= toOf(lines, row)) {
        start = <u32>(from - line);
        size = <u32>(to - from);
      } else {
        start = u32.MAX_VALUE;
        elsewhere++;
      }
    } else if (dense !== 0) continue;
    store<u32>(starts + ((<usize>written) << 2), start);
    store<u32>(sizes + ((<usize>written) << 2), size);
    // A length of a text in a block has at most three bytes.
    bytes += size + 1 + <u32>(size > 0x7f) + <u32>(size > 0x3fff);
    written++;
  }
  sliced = bytes;
  return written | (elsewhere << 16);
}

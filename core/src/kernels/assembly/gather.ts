/** Puts keys of a dictionary in the order of rows, for `../gather.ts`. */

/** How many bytes the last `gather` wrote. */
export let written: u32 = 0;

/**
 * Writes for each of `count` codes the bytes of its key: those from `ends[code - 1]` up to `ends[code]` behind `keys`. Stops
 * before a key that may not fit into `room` bytes, and gives the number of codes done. Reads and writes up to 15 bytes past
 * a key.
 */
export function gather(keys: usize, ends: usize, codes: usize, count: u32, out: usize, room: u32): u32 {
  const last = out + <usize>room;
  let to = out;
  let done: u32 = 0;
  for (; done < count; done++) {
    const code = <usize>load<u32>(codes + ((<usize>done) << 2));
    let from = keys + <usize>load<u32>(ends + (code << 2));
    const end = keys + <usize>load<u32>(ends + (code << 2), 4);
    const next = to + (end - from);
    if (next > last) break;
    while (from < end) {
      v128.store(to, v128.load(from));
      from += 16;
      to += 16;
    }
    to = next;
  }
  written = <u32>(to - out);
  return done;
}

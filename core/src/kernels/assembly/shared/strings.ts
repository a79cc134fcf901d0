import { copy } from "./copy";

/**
 * Writes `size` bytes of texts, each with a newline behind it, as ClickHouse Strings: each behind its length in LEB128. Gives the number of bytes
 * written. Reads and writes up to 15 bytes past the ends.
 */
export function strings(input: usize, size: u32, out: usize): u32 {
  const end = input + <usize>size;
  const begin = out;
  const newline = i8x16.splat(10);
  // Lengths mostly take as many bytes as the one before; where one does not, its text is copied again.
  let head: usize = 2;
  while (input < end) {
    let to = out + head;
    let from = input;
    let found: u32 = 0;
    for (;;) {
      const some = v128.load(from);
      v128.store(to, some);
      found = <u32>i8x16.bitmask(i8x16.eq(some, newline));
      if (found !== 0) break;
      from += 16;
      to += 16;
    }
    const stop = from + <usize>ctz(found);
    const length = stop - input;
    const text = out + head;
    let rest = length;
    for (; rest >= 0x80; rest >>= 7) store<u8>(out++, <u8>(rest | 0x80));
    store<u8>(out++, <u8>rest);
    if (out === text) out += length;
    else {
      head += out - text;
      out = copy(out, input, length);
    }
    input = stop + 1;
  }
  return <u32>(out - begin);
}

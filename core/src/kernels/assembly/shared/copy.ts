/** Copies 16 bytes at a time; may write up to 15 too many. Gives where it should have ended. */
export function copy(out: usize, from: usize, size: usize): usize {
  const end = out + size;
  while (out < end) {
    v128.store(out, v128.load(from));
    out += 16;
    from += 16;
  }
  return end;
}

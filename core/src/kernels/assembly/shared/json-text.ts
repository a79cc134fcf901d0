/** The bytes of JSON texts, for the kernels that read objects. */

/** Whether `size` bytes are equal. Reads up to 15 bytes past both. */
export function same(first: usize, second: usize, size: u32): bool {
  let rest = size;
  while (rest >= 16) {
    if (i8x16.bitmask(i8x16.eq(v128.load(first), v128.load(second))) !== 0xffff) return false;
    first += 16;
    second += 16;
    rest -= 16;
  }
  const differ = ~i8x16.bitmask(i8x16.eq(v128.load(first), v128.load(second)));
  return (differ & ((1 << rest) - 1)) === 0;
}

/** The first place from `at` on of a byte that does not stand for itself in a text: a quote, a backslash, a control, no ASCII. */
export function textEnd(at: usize, end: usize): usize {
  const quotes = i8x16.splat(34);
  const backslashes = i8x16.splat(92);
  const controls = i8x16.splat(32);
  for (; at < end; at += 16) {
    const bytes = v128.load(at);
    const marks = v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes));
    const found = i8x16.bitmask(v128.or(marks, i8x16.lt_s(bytes, controls)));
    if (found !== 0) return at + <usize>ctz(found);
  }
  return end;
}

/** The first byte from `at` on that is no white space of JSON, or `end`. */
export function skipSpace(at: usize, end: usize): usize {
  while (at < end) {
    const byte = load<u8>(at);
    if (byte > 32 || (byte !== 32 && byte !== 9 && byte !== 10 && byte !== 13)) break;
    at++;
  }
  return at;
}

/** Where the last `plainText` stopped writing. */
export let written: usize = 0;

function hexOf(byte: u8): u32 {
  const digit = <u32>byte - 48;
  if (digit < 10) return digit;
  const letter = (<u32>byte | 32) - 97;
  return letter < 6 ? letter + 10 : 0xffff_ffff;
}

/**
 * Writes what a text from `from` on says, whose first backslash is at `slash`, and gives the place of its closing quote. 0 where there is
 * none before `end`, for a mistake, or for a character that is not ASCII. Writes up to 15 bytes past it.
 */
export function plainText(from: usize, slash: usize, end: usize, to: usize): usize {
  let at = from;
  let mark = slash;
  while (mark < end) {
    for (let block = at, out = to; block < mark; block += 16, out += 16) v128.store(out, v128.load(block));
    to += mark - at;
    const byte = load<u8>(mark);
    if (byte === 34) {
      written = to;
      return mark;
    }
    if (byte !== 92 || mark + 1 >= end) return 0;
    let said: u32 = <u32>load<u8>(mark, 1);
    at = mark + 2;
    switch (said) {
      case 34:
      case 47:
      case 92:
        break;
      case 98:
        said = 8;
        break;
      case 102:
        said = 12;
        break;
      case 110:
        said = 10;
        break;
      case 114:
        said = 13;
        break;
      case 116:
        said = 9;
        break;
      case 117:
        if (at + 4 > end) return 0;
        said =
          (hexOf(load<u8>(at)) << 12) |
          (hexOf(load<u8>(at, 1)) << 8) |
          (hexOf(load<u8>(at, 2)) << 4) |
          hexOf(load<u8>(at, 3));
        // A digit that is none makes it large.
        if (said > 127) return 0;
        at += 4;
        break;
      default:
        return 0;
    }
    store<u8>(to++, <u8>said);
    mark = textEnd(at, end);
  }
  return 0;
}

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

/** The place behind the closing quote of a text that begins at `at`; 0 where there is none before `end`, or for a mistake. */
function behindText(at: usize, end: usize): usize {
  while (at < end) {
    at = textEnd(at, end);
    if (at >= end) break;
    const mark = load<u8>(at);
    if (mark === 34) return at + 1;
    if (mark !== 92) break;
    const said = load<u8>(at, 1);
    at += 2;
    if (said === 117) {
      for (let digit: usize = 0; digit < 4; digit++) if (hexOf(load<u8>(at + digit)) > 15) return 0;
      at += 4;
    } else if (
      said !== 34 &&
      said !== 92 &&
      said !== 47 &&
      said !== 98 &&
      said !== 102 &&
      said !== 110 &&
      said !== 114 &&
      said !== 116
    )
      break;
  }
  return 0;
}

function skipDigits(at: usize, end: usize): usize {
  while (at < end && <u8>(load<u8>(at) - 48) < 10) at++;
  return at;
}

/** The place behind a number or a word; 0 where it is neither. */
function behindScalar(at: usize, end: usize): usize {
  const word = load<u32>(at);
  if (word === 0x65757274 || word === 0x6c6c756e) return at + 4;
  if (word === 0x736c6166) return load<u8>(at, 4) === 101 ? at + 5 : 0;
  if (load<u8>(at) === 45) at++;
  const whole = at;
  at = skipDigits(at, end);
  if (at === whole || (load<u8>(whole) === 48 && at - whole > 1)) return 0;
  if (at < end && load<u8>(at) === 46) {
    const part = ++at;
    at = skipDigits(at, end);
    if (at === part) return 0;
  }
  if (at < end && (load<u8>(at) | 32) === 101) {
    at++;
    if (at < end && (load<u8>(at) === 43 || load<u8>(at) === 45)) at++;
    const exponent = at;
    at = skipDigits(at, end);
    if (at === exponent) return 0;
  }
  return at;
}

/** Values that the last `treeEnd` passed. */
export let passed: u32 = 0;

/** Deepest lists and objects in one. */
const mostDepth = 6;

/** What may come next in a list or object. */
const value: u32 = 0;
const valueOrEnd: u32 = 1;
const key: u32 = 2;
const keyOrEnd: u32 = 3;
const comma: u32 = 4;

/** The place behind the list or object at `at`; 0 where it is none before `end`, or deeper than this goes. */
export function treeEnd(at: usize, end: usize): usize {
  // A bit for each level, 1 for an object.
  let levels: u32 = 0;
  let depth = 0;
  let next = value;
  passed = 0;
  while (at < end) {
    const byte = load<u8>(at++);
    if (byte === 32 || byte === 9 || byte === 10 || byte === 13) continue;
    const isObject = (levels & 1) !== 0;
    if ((byte === 125 || byte === 93) && ((next & 1) !== 0 || next === comma)) {
      if (isObject !== (byte === 125)) return 0;
      levels >>= 1;
      if (--depth === 0) return at;
      next = comma;
    } else if (next === comma) {
      if (byte !== 44) return 0;
      next = isObject ? key : value;
    } else if (next >= key) {
      if (byte !== 34) return 0;
      at = behindText(at, end);
      if (at === 0) return 0;
      at = skipSpace(at, end);
      if (at >= end || load<u8>(at++) !== 58) return 0;
      next = value;
    } else {
      passed++;
      if (byte === 123 || byte === 91) {
        if (++depth > mostDepth) return 0;
        levels = (levels << 1) | (byte === 123 ? 1 : 0);
        next = byte === 123 ? keyOrEnd : valueOrEnd;
        continue;
      }
      at = byte === 34 ? behindText(at, end) : behindScalar(at - 1, end);
      if (at === 0) return 0;
      next = comma;
    }
  }
  return 0;
}

/** How parts of a grok are found in bytes, for the kernels that cut. */
import { equal } from "./values";

/** Words of a part of a program: its kind, 1 where its ends are kept, and five of its own. */
export const partBytes: usize = 32;

/** Where a match ends that is none; where that cannot be said. */
export const noMatch: usize = 0;
export const notKnown: usize = 1;

export function blank(byte: u8): bool {
  return byte === 32 || (byte < 14 && byte > 8);
}

/** The first `stop` from `from` on, or `end`. Reads up to 15 bytes past `end`. */
function seek(from: usize, end: usize, stop: u32): usize {
  if (stop > 255) return end;
  const stops = i8x16.splat(<i8>stop);
  for (let at = from; at < end; at += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), stops));
    if (found !== 0) return min(end, at + <usize>ctz(found));
  }
  return end;
}

/** The first `quote` or backslash from `from` on, or `end`. Reads up to 15 bytes past `end`. */
function seekQuote(from: usize, end: usize, quote: u32): usize {
  const quotes = i8x16.splat(<i8>quote);
  const slashes = i8x16.splat(92);
  for (let at = from; at < end; at += 16) {
    const block = v128.load(at);
    const found = i8x16.bitmask(v128.or(i8x16.eq(block, quotes), i8x16.eq(block, slashes)));
    if (found !== 0) return min(end, at + <usize>ctz(found));
  }
  return end;
}

/** Whether a word lies at a place; reads up to 7 bytes past both. */
export function holdsAt(at: usize, word: usize, size: u32): bool {
  return equal(at, word, size);
}

export function trimEnd(from: usize, end: usize): usize {
  let at = end;
  while (at > from && blank(load<u8>(at - 1))) at--;
  return at;
}

/** The end of the last `word` in `[from, end)`, or `noMatch`. */
function lastOf(from: usize, end: usize, word: usize, size: u32): usize {
  if (from + <usize>size > end) return noMatch;
  for (let at = end - <usize>size; at >= from; at--) if (holdsAt(at, word, size)) return at + <usize>size;
  return noMatch;
}

function quoted(from: usize, end: usize, quote: u32, spaced: u32): usize {
  if (<u32>load<u8>(from) !== quote) return noMatch;
  let at = from + 1;
  for (;;) {
    at = seekQuote(at, end, quote);
    if (at >= end) return noMatch;
    if (<u32>load<u8>(at) === quote) break;
    if (at + 1 >= end || load<u8>(at, 1) === 10) return noMatch;
    at += 2;
  }
  at++;
  if (spaced !== 0 && at < end) {
    if (load<u8>(at) !== 32) return noMatch;
    at++;
  }
  return at;
}

/** As `Automaton.find`: `next` has the next state × 2 by state and byte, 1 more where a match ends there; 0 is dead, 1 not known. */
export function find(from: usize, end: usize, next: usize, start: u32, endings: usize): usize {
  let last = (start & 1) === 1 ? from : noMatch;
  let state = start >> 1;
  for (let at = from; at < end; at++) {
    const to = <u32>load<u16>(next + ((<usize>((state << 7) | (<u32>load<u8>(at) & 127))) << 1));
    if (to < 2) return to === 0 ? last : notKnown;
    if ((to & 1) === 1) last = at + 1;
    state = to >> 1;
  }
  return load<u8>(endings + <usize>state) === 1 ? end : last;
}

/** The end of a part that begins at `from`, before `end`. */
export function endOf(part: usize, from: usize, end: usize): usize {
  const a = load<u32>(part, 8);
  const b = load<u32>(part, 12);
  const c = load<u32>(part, 16);
  switch (load<u32>(part)) {
    case 1: {
      const to = from + <usize>b;
      return to > end || !holdsAt(from, <usize>a, b) ? noMatch : to;
    }
    case 2: {
      const to = seek(from, end, a);
      return to === from ? noMatch : to;
    }
    case 3: {
      const to = lastOf(from, seek(from, end, c), <usize>a, b);
      if (to !== noMatch) return to;
      const bare = load<u32>(part, 24);
      const bareEnd = from + <usize>bare;
      if (bare === 0 || bareEnd > end || !holdsAt(from, <usize>load<u32>(part, 20), bare)) return noMatch;
      return bareEnd;
    }
    case 4:
      return quoted(from, end, a, b);
    case 5: {
      // `a` is a table of 256 bytes.
      let to = from;
      const most = c === 0xffffffff ? end : min(end, from + <usize>c);
      while (to < most && load<u8>(<usize>a + <usize>load<u8>(to)) !== 0) to++;
      return to - from < <usize>b || to === from ? noMatch : to;
    }
    default:
      return find(from, end, <usize>a, b, <usize>c);
  }
}

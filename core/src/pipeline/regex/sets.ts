/** A set of characters: sorted, disjoint, inclusive ranges of code points, flat as [from, to, from, to, ...]. */
export type CharSet = readonly number[];

export const MAX_POINT = 0x10ffff;
export const everything: CharSet = [0, MAX_POINT];
export const nothing: CharSet = [];

/** Puts ranges into order and joins those that touch. */
export function normalize(ranges: readonly number[]): CharSet {
  if (ranges.every((from, at) => at % 2 === 1 || at === 0 || from > ranges[at - 1]! + 1)) return ranges;
  const pairs: [number, number][] = [];
  for (let index = 0; index < ranges.length; index += 2) pairs.push([ranges[index]!, ranges[index + 1]!]);
  pairs.sort((a, b) => a[0] - b[0]);
  const out: number[] = [];
  for (const [from, to] of pairs) {
    const last = out.at(-1);
    if (last !== undefined && from <= last + 1) out[out.length - 1] = Math.max(last, to);
    else out.push(from, to);
  }
  return out;
}

export const union = (...sets: readonly CharSet[]): CharSet => normalize(sets.flat());

export function negate(set: CharSet): CharSet {
  const out: number[] = [];
  let from = 0;
  for (let index = 0; index < set.length; index += 2) {
    if (set[index]! > from) out.push(from, set[index]! - 1);
    from = set[index + 1]! + 1;
  }
  if (from <= MAX_POINT) out.push(from, MAX_POINT);
  return out;
}

export function overlaps(left: CharSet, right: CharSet): boolean {
  let a = 0;
  let b = 0;
  while (a < left.length && b < right.length) {
    if (left[a + 1]! < right[b]!) a += 2;
    else if (right[b + 1]! < left[a]!) b += 2;
    else return true;
  }
  return false;
}

export const digit: CharSet = [48, 57];
export const word: CharSet = [48, 57, 65, 90, 95, 95, 97, 122];
/** White space of `\s` in Go: fewer characters than in JavaScript. */
export const space: CharSet = [9, 10, 12, 13, 32, 32];
export const dot: CharSet = negate([10, 10]);

/** POSIX classes, as in `[[:alpha:]]`. */
export const posix: Readonly<Record<string, CharSet>> = {
  alnum: [48, 57, 65, 90, 97, 122],
  alpha: [65, 90, 97, 122],
  ascii: [0, 127],
  blank: [9, 9, 32, 32],
  cntrl: [0, 31, 127, 127],
  digit,
  graph: [33, 126],
  lower: [97, 122],
  print: [32, 126],
  punct: [33, 47, 58, 64, 91, 96, 123, 126],
  space: [9, 13, 32, 32],
  upper: [65, 90],
  word,
  xdigit: [48, 57, 65, 70, 97, 102],
};

/** The set with the other case of its ASCII letters; undefined where it holds more than ASCII. */
export function foldCase(set: CharSet): CharSet | undefined {
  if ((set.at(-1) ?? 0) > 127) return undefined;
  const more: number[] = [];
  for (let index = 0; index < set.length; index += 2) {
    for (let point = set[index]!; point <= set[index + 1]!; point++) {
      const lower = point | 32;
      if (lower < 97 || lower > 122) continue;
      more.push(lower, lower, lower - 32, lower - 32);
      // The Kelvin sign and the long s fold to k and s in Unicode, and so in Go.
      if (lower === 107) more.push(0x212a, 0x212a);
      if (lower === 115) more.push(0x17f, 0x17f);
    }
  }
  return union(set, more);
}

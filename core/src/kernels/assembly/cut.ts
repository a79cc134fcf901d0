/** Cuts lines into fields, for `../cut.ts`. Plain TypeScript does the same line by line: `../../pipeline/compiled/natives/scan.ts`. */

import { blank, endOf, notKnown, partBytes, trimEnd } from "./shared/parts";

/**
 * Cuts `count` lines. `rows` has four words a line, of which the second and third say where its text begins and ends behind `begin`. A line's
 * result are `words` words: 1 where it was cut, 2 where it does not match, 0 where that cannot be said; then for each part that is
 * kept where it begins and ends, the end being 0xffffffff where the text did not reach so far.
 */
export function cut(
  begin: usize,
  rows: usize,
  count: u32,
  program: usize,
  parts: u32,
  out: usize,
  words: u32,
): void {
  const behind = program + <usize>parts * partBytes;
  let to = out;
  for (let row: u32 = 0; row < count; row++, to += (<usize>words) << 2) {
    const line = rows + ((<usize>row) << 4);
    for (let w: u32 = 2; w < words; w += 2) store<u32>(to + ((<usize>w) << 2), 0xffffffff);
    let at = begin + <usize>load<u32>(line, 4);
    const lineEnd = begin + <usize>load<u32>(line, 8);
    while (at < lineEnd && blank(load<u8>(at))) at++;
    const end = trimEnd(at, lineEnd);
    let got: u32 = at === end ? 2 : 1;
    let keep = to + 4;
    if (got === 1)
      for (let part = program; part < behind; part += partBytes) {
        if (part !== program) {
          while (at < end && blank(load<u8>(at))) at++;
          if (at === end) break;
        }
        const next = endOf(part, at, end);
        if (next === notKnown) {
          got = 0;
          break;
        }
        if (next <= at) {
          got = 2;
          break;
        }
        if (load<u32>(part, 4) !== 0) {
          store<u32>(keep, <u32>(at - begin));
          store<u32>(keep, <u32>(trimEnd(at, next) - begin), 4);
          keep += 8;
        }
        at = next;
      }
    store<u32>(to, got);
  }
}

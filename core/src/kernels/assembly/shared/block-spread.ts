/** Gives the rows of a block what was made of each distinct text: `ids` has the number of the text of each row, 0 being none. */
import { boolean, onesOf, text } from "./block-rows";
import { blank, trimEnd } from "./parts";

/** `out` is 1 for the rows of a mask with a text. Rows of it with another value are opened where `opens` is 1. Gives how many these are. */
export function pick(kinds: usize, mask: usize, out: usize, count: usize, open: usize, opens: u8): u32 {
  const none = i8x16.splat(0);
  const ones = i8x16.splat(1);
  const texts = i8x16.splat(<i8>text);
  const sign = i8x16.splat(<i8>opens);
  let others: u32 = 0;
  for (let row: usize = 0; row < count; row += 16) {
    const wanted = v128.and(v128.load(mask + row), ones);
    const kind = v128.load(kinds + row);
    const isText = i8x16.eq(kind, texts);
    v128.store(out + row, v128.and(isText, wanted));
    const other = v128.andnot(v128.and(i8x16.ne(kind, none), wanted), isText);
    let bits = <u32>i8x16.bitmask(i8x16.ne(other, none));
    if (row + 16 > count) bits &= (1 << (<u32>(count - row))) - 1;
    if (bits === 0) continue;
    others += popcnt<u32>(bits);
    v128.store(open + row, v128.or(v128.load(open + row), v128.and(other, sign)));
  }
  return others;
}

/** Gives rows the place of the text that was made of theirs, 8 bytes each in `table`; where that is 0 they are opened. */
export function spreadTexts(values: usize, ids: usize, table: usize, count: usize, open: usize): void {
  for (let row: usize = 0; row < count; row++) {
    const id = <usize>load<u32>(ids + (row << 2));
    if (id === 0) continue;
    const place = load<u64>(table + (id << 3));
    if (place === 0) store<u8>(open + row, 1);
    else store<u64>(values + (row << 3), place);
  }
}

/** Writes the number that was made of the text of each row, the first of `table` where there is none; at infinity the row is opened. */
export function spreadNumbers(out: usize, ids: usize, table: usize, count: usize, open: usize): void {
  for (let row: usize = 0; row < count; row++) {
    const id = <usize>load<u32>(ids + (row << 2));
    const value = load<f64>(table + (id << 3));
    store<f64>(out + (row << 3), value);
    if (value === Infinity) store<u8>(open + row, 1);
  }
}

/** Four bytes that mean true: `true`, `True`, `TRUE`. */
const lower: u32 = 0x65757274;
const title: u32 = 0x65757254;
const upper: u32 = 0x45555254;

/** Makes booleans of the texts of a mask's rows, as a cast does. */
export function booleansOf(kinds: usize, values: usize, mask: usize, count: usize): void {
  // A text that a step wrote serves the rows behind it too.
  let last: u64 = 0;
  let known: u64 = 0;
  for (let first: usize = 0; first < count; first += 16)
    for (let bits = onesOf(mask, first, count); bits !== 0; bits &= bits - 1) {
      const row = first + <usize>ctz(bits);
      const place = load<u64>(values + (row << 3));
      if (place !== last) {
        last = place;
        known = <u64>isTrue(<usize>(place & 0xffffffff), <usize>(place >> 32));
      }
      store<u8>(kinds + row, boolean);
      store<u64>(values + (row << 3), known);
    }
}

function isTrue(from: usize, to: usize): bool {
  while (from < to && blank(load<u8>(from))) from++;
  const size = trimEnd(from, to) - from;
  if (size === 1) {
    const byte = load<u8>(from);
    return byte === 49 || byte === 116 || byte === 84;
  }
  if (size !== 4) return false;
  const word = load<u32>(from);
  return word === lower || word === title || word === upper;
}

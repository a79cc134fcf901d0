/** Times of a block's rows. */
import { areAt, fromOf, text, toOf } from "./block-rows";

/** The number that two digits are; 100 or more where they are none. */
function two(at: usize): u32 {
  const tens = <u32>load<u8>(at) - 48;
  const ones = <u32>load<u8>(at, 1) - 48;
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

/** Days from 1970 to the first of a month. */
function daysBefore(year: u32, month: u32): u32 {
  // Counted from March on, so that a leap day is the last of its year.
  const from = month > 2 ? year : year - 1;
  const since = month > 2 ? month - 3 : month + 9;
  return from * 365 + from / 4 - from / 100 + from / 400 + (since * 153 + 2) / 5 - 719468;
}

/** Milliseconds of `2026-01-15T12:00:00Z`, also with a fraction or an offset; NaN for every other form, and for days that no month may have. */
function timeAt(at: usize, to: usize): f64 {
  const size = to - at;
  if (size < 20 || size > 35) return NaN;
  const years = two(at) * 100 + two(at + 2);
  const month = two(at + 5);
  const day = two(at + 8);
  const hours = two(at + 11);
  const minutes = two(at + 14);
  const seconds = two(at + 17);
  if (load<u8>(at, 4) !== 45 || load<u8>(at, 7) !== 45 || load<u8>(at, 10) !== 84) return NaN;
  if (load<u8>(at, 13) !== 58 || load<u8>(at, 16) !== 58) return NaN;
  if (two(at) > 99 || two(at + 2) > 99 || years < 1970 || years > 2099 || month - 1 > 11 || day === 0)
    return NaN;
  if (day > (month === 2 ? 28 : 30 + ((month + (month >> 3)) & 1))) return NaN;
  if (hours > 23 || minutes > 59 || seconds > 59) return NaN;
  let fraction: u32 = 0;
  at += 19;
  if (load<u8>(at) === 46) {
    const start = ++at;
    let unit: u32 = 100;
    for (; at < to; at++) {
      const digit = <u32>load<u8>(at) - 48;
      if (digit > 9) break;
      fraction += digit * unit;
      unit /= 10;
    }
    if (at === start || at - start > 9) return NaN;
  }
  let offset: i32 = 0;
  if (at + 1 === to && load<u8>(at) === 90) offset = 0;
  else if (at + 6 === to && (load<u8>(at) === 43 || load<u8>(at) === 45)) {
    const offsetHours = two(at + 1);
    const offsetMinutes = two(at + 4);
    if (offsetHours > 23 || offsetMinutes > 59 || load<u8>(at, 3) !== 58) return NaN;
    offset = <i32>(offsetHours * 60 + offsetMinutes);
    if (load<u8>(at) === 45) offset = -offset;
  } else return NaN;
  const days = daysBefore(years, month) + day - 1;
  const minute = <i32>(days * 1440 + hours * 60 + minutes) - offset;
  return <f64>minute * 60000 + <f64>(seconds * 1000 + fraction);
}

/**
 * Writes the times that texts say to `out`, NaN for rows without a text and, with `other` 1, for texts of another form. Gives how many of
 * these there are.
 */
export function times(kinds: usize, values: usize, count: usize, out: usize, other: usize): u32 {
  let others: u32 = 0;
  // A time that a step wrote serves the rows behind it too.
  let last: u64 = 0;
  let known: f64 = NaN;
  for (let row: usize = 0; row < count; row++) {
    if ((row & 15) === 0 && row + 16 <= count && abs(known) >= 0)
      if (areAt(kinds + row, values + (row << 3), last)) {
        const own = f64x2.splat(known);
        for (let at = out + (row << 3), end = at + 128; at < end; at += 16) v128.store(at, own);
        v128.store(other + row, i8x16.splat(0));
        row += 15;
        continue;
      }
    let time: f64 = NaN;
    let left: u8 = 0;
    if (load<u8>(kinds + row) === text) {
      const place = load<u64>(values + (row << 3));
      if (place !== last) {
        last = place;
        known = timeAt(fromOf(values, row), toOf(values, row));
      }
      time = known;
      left = time >= 0 || time < 0 ? 0 : 1;
    }
    store<f64>(out + (row << 3), time);
    store<u8>(other + row, left);
    others += left;
  }
  return others;
}

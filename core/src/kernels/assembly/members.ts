/** Reads flat JSON objects whose keys are known, for `../members.ts`. `../../pipeline/compiled/flat-json.ts` does it for all others. */
import { same, textEnd } from "./shared/json-text";

const quote: u8 = 34;

/**
 * Reads an object from `at` up to `end`: its `count` members in order, without spaces, each behind a key of which `keys` gives place and
 * bytes, quotes and colon included. A value is a text, a whole number of up to 15 digits or a word. Writes for each its kind
 * (1 text, 2 number, 3 true, 4 false, 5 null), where a text begins and ends, and a number. False where it is anything else.
 */
export function members(
  at: usize,
  end: usize,
  keys: usize,
  count: u32,
  kinds: usize,
  bounds: usize,
  numbers: usize,
): bool {
  if (end - at < 2 || load<u8>(at) !== 123 || load<u8>(end - 1) !== 125) return false;
  at++;
  end--;
  for (let member: u32 = 0; member < count; member++, keys += 8, kinds++, bounds += 8, numbers += 8) {
    if (member > 0 && load<u8>(at++) !== 44) return false;
    const size = load<u32>(keys, 4);
    if (at + <usize>size >= end || !same(<usize>load<u32>(keys), at, size)) return false;
    at += <usize>size;
    const first = load<u8>(at);
    if (first === quote) {
      const close = textEnd(at + 1, end);
      if (close >= end || load<u8>(close) !== quote) return false;
      store<u8>(kinds, 1);
      store<u32>(bounds, <u32>(at + 1));
      store<u32>(bounds, <u32>close, 4);
      at = close + 1;
    } else if (first === 45 || <u8>(first - 48) < 10) {
      const start = first === 45 ? at + 1 : at;
      let number: i64 = 0;
      let place = start;
      for (; place < end; place++) {
        const digit = <u8>(load<u8>(place) - 48);
        if (digit > 9) break;
        if (place - start === 15) return false;
        number = number * 10 + <i64>digit;
      }
      const digits = place - start;
      if (digits === 0 || (digits > 1 && load<u8>(start) === 48)) return false;
      store<u8>(kinds, 2);
      store<f64>(numbers, start === at ? <f64>number : -(<f64>number));
      at = place;
    } else {
      const word = load<u32>(at);
      if (word === 0x65757274 && at + 4 <= end) {
        store<u8>(kinds, 3);
        at += 4;
      } else if (word === 0x736c6166 && load<u8>(at, 4) === 101 && at + 5 <= end) {
        store<u8>(kinds, 4);
        at += 5;
      } else if (word === 0x6c6c756e && at + 4 <= end) {
        store<u8>(kinds, 5);
        at += 4;
      } else return false;
    }
  }
  return at === end;
}

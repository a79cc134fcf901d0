/** Addresses in the rows of a block. */
import { fromOf, text, toOf } from "./block-rows";

/** Set by `addressAt`. */
let address: u32 = 0;

/** 1 for an IPv4 address, which is in `address` then; 0 for no address; 2 for what may be one of IPv6. */
function addressAt(at: usize, to: usize): u8 {
  let part: u32 = 0;
  let value: i32 = -1;
  address = 0;
  for (; at <= to; at++) {
    const code = at < to ? <i32>load<u8>(at) : 46;
    if (code === 58) return 2;
    if (code === 46) {
      if (value < 0 || part > 3) return rest(at, to);
      address = (address << 8) | <u32>value;
      part++;
      value = -1;
    } else {
      const digit = code - 48;
      // As the plain form has it: a zero in front is refused.
      if (digit < 0 || digit > 9 || value === 0) return rest(at, to);
      value = (value < 0 ? 0 : value * 10) + digit;
      if (value > 255) return rest(at, to);
    }
  }
  return part === 4 ? 1 : 0;
}

function rest(at: usize, to: usize): u8 {
  for (; at < to; at++) if (load<u8>(at) === 58) return 2;
  return 0;
}

/**
 * `out` is 1 where a text in a row of `mask` is an IPv4 address in a network: `network` under `bits`; none is where `any` is 0. 2 where
 * it may be one of IPv6. Gives how many rows are 2 or have a value that is no text.
 */
export function inNetwork(
  kinds: usize,
  values: usize,
  mask: usize,
  out: usize,
  count: usize,
  network: u32,
  bits: u32,
  any: u32,
): u32 {
  let others: u32 = 0;
  for (let row: usize = 0; row < count; row++) {
    let found: u8 = 0;
    const kind = load<u8>(kinds + row);
    if (kind > text) others++;
    else if (kind === text && load<u8>(mask + row) !== 0) {
      found = addressAt(fromOf(values, row), toOf(values, row));
      if (found === 2) others++;
      else if (found === 1) found = any !== 0 && ((address ^ network) & bits) === 0 ? 1 : 0;
    }
    store<u8>(out + row, found);
  }
  return others;
}

import { asciiText } from "./slices.ts";

const dayForm = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const dayBytes = 10;
const zero = 48;

/**
 * Reads times as most programs write them, `2026-01-15T12:00:00Z` or with three digits behind the second, from the bytes of
 * a line. The day, which rarely changes, is read as every other time is.
 */
export class IsoTimes {
  readonly #day = new Uint8Array(dayBytes);
  #dayTime = Number.NaN;

  /** Milliseconds since 1970; NaN for every other form. */
  read(bytes: Uint8Array, from: number, to: number): number {
    const size = to - from;
    const none = Number.NaN;
    if ((size !== 20 && size !== 24) || bytes[to - 1] !== 90) return none;
    if (bytes[from + 10] !== 84 || bytes[from + 13] !== 58 || bytes[from + 16] !== 58) return none;
    const hours = two(bytes, from + 11);
    const minutes = two(bytes, from + 14);
    const seconds = two(bytes, from + 17);
    if (!(hours < 24 && minutes < 60 && seconds < 60)) return none;
    let fraction = 0;
    if (size === 24) {
      const tens = two(bytes, from + 20);
      const last = bytes[from + 22]! - zero;
      if (bytes[from + 19] !== 46 || tens > 99 || last < 0 || last > 9) return none;
      fraction = tens * 10 + last;
    }
    for (let at = 0; at < dayBytes; at++) {
      if (bytes[from + at] === this.#day[at]) continue;
      this.#readDay(bytes, from);
      break;
    }
    return this.#dayTime + ((hours * 60 + minutes) * 60 + seconds) * 1_000 + fraction;
  }

  #readDay(bytes: Uint8Array, from: number): void {
    const day = asciiText(bytes, from, from + dayBytes);
    this.#day.set(bytes.subarray(from, from + dayBytes));
    this.#dayTime = dayForm.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  }
}

/** The number that two digits are; 100 or more where they are none. */
function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - zero;
  const ones = bytes[at + 1]! - zero;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? 100 : tens * 10 + ones;
}

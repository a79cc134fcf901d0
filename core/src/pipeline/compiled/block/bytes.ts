/** Looks at ASCII bytes, for steps that read the rows of a block in JavaScript. */

/** White space as `\s` has it. */
export const isSpace = (byte: number): boolean => byte === 32 || (byte < 14 && byte > 8);

export const isDigit = (byte: number): boolean => byte < 58 && byte > 47;

/** The number of two digits; NaN for anything else. */
const two = (bytes: Uint8Array, at: number): number => {
  const [tens, ones] = [bytes[at]! - 48, bytes[at + 1]! - 48];
  return tens >= 0 && tens < 10 && ones >= 0 && ones < 10 ? tens * 10 + ones : Number.NaN;
};

/**
 * Where an RFC 3339 time ends that begins at an offset, before a space: the same text as `isRfc3339` takes, with any day of a month. -1 where
 * there is none. At least 36 bytes may be read behind `at`.
 */
export function isoEnd(bytes: Uint8Array, at: number, to: number): number {
  if (to - at < 21 || bytes[at + 4] !== 45 || bytes[at + 7] !== 45 || bytes[at + 10] !== 84) return -1;
  if (bytes[at + 13] !== 58 || bytes[at + 16] !== 58) return -1;
  const [month, day] = [two(bytes, at + 5), two(bytes, at + 8)];
  const [hour, minute, second] = [two(bytes, at + 11), two(bytes, at + 14), two(bytes, at + 17)];
  const year = two(bytes, at) * 100 + two(bytes, at + 2);
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return -1;
  if (!(hour < 24 && minute < 60 && second < 60)) return -1;
  let end = at + 19;
  if (bytes[end] === 46) {
    const first = ++end;
    while (end < to && isDigit(bytes[end]!)) end++;
    if (end === first || end - first > 9) return -1;
  }
  if (bytes[end] === 90) end++;
  else {
    const sign = bytes[end];
    if ((sign !== 43 && sign !== 45) || bytes[end + 3] !== 58) return -1;
    if (!(two(bytes, end + 1) <= 14 && two(bytes, end + 4) < 60)) return -1;
    end += 6;
  }
  return end < to && bytes[end] === 32 ? end : -1;
}

/** True where a time of RFC 3164 ends before the space in front of `at`: what follows is neither its year nor its zone. */
export function endsBefore(bytes: Uint8Array, at: number, to: number): boolean {
  const first = bytes[at]!;
  if (first > 96 && first < 123) return true;
  if (first === 43 || first === 45) return false;
  let end = at;
  while (end < to && end - at < 6 && !isSpace(bytes[end]!) && bytes[end] !== 58) end++;
  const size = end - at;
  if (isDigit(first)) return size !== 4;
  // `CET:`, `UTC ` and the like, without a look at their letters.
  if (bytes[end] === 58) return size > 5;
  return size !== 3;
}

/** True where the same bytes stand at two offsets. */
export function sameBytes(bytes: Uint8Array, a: number, b: number, size: number): boolean {
  for (let index = 0; index < size; index++) if (bytes[a + index] !== bytes[b + index]) return false;
  return true;
}

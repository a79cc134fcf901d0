import type { Emitter } from "./emitter.ts";
import type { Slot } from "./layout.ts";

/** What a variable holds while its value is a text in the bytes of the line. */
export const slice: unknown = { slice: true };

/** Node's own slicing call, which takes any bytes and makes nothing but the text; it is missing from its types. */
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, from: number, to: number): string;
};

/** The text of ASCII bytes. */
export const asciiText = (bytes: Uint8Array, from: number, to: number): string =>
  latin1Slice.call(bytes, from, to);

/** Up to this many bytes are compared one by one in the source. */
const spelled = 8;

/** White space as `trim` has it among ASCII bytes `x`. */
export const isBlank = "x === 32 || x < 14 && x > 8";

/**
 * What sources over slices call. `B` are the bytes of the line where these are ASCII, `base` is where it begins; a `slice` is
 * the mark in a variable whose text lies in them.
 */
export const prelude = `
function text(a, b) { const t = log.raw; return b - a === t.length ? t : t.slice(a - base, b - base); }
function trimStart(a, b) { for (let x; a < b && (x = B[a], ${isBlank}); a++); return a; }
function trimEnd(a, b) { for (let x; b > a && (x = B[b - 1], ${isBlank}); b--); return b; }
function holdsAt(a, word) { return holdsFirst(a, word, word.length); }
function holdsFirst(a, word, size) { for (let k = 0; k < size; k++) if (B[a + k] !== word[k]) return false; return true; }
function lastOf(a, b, word) {
  const first = word[0];
  for (let k = b - word.length; k >= a; k--) if (B[k] === first && holdsAt(k, word)) return k + word.length;
  return -1;
}
function holds(a, b, word) {
  const first = word[0];
  for (let k = a, last = b - word.length; k <= last; k++) if (B[k] === first && holdsAt(k, word)) return true;
  return false;
}
function digits(a, b) {
  if (b === a || b - a > 9) return -1;
  let number = 0;
  for (let k = a; k < b; k++) { const digit = B[k] - 48; if (digit < 0 || digit > 9) return -1; number = number * 10 + digit; }
  return number;
}`;

/** Declarations of what belongs to a slot that may be a slice. */
export const sliceVariables = ({ name }: Slot): string =>
  `var ${name}a = 0, ${name}b = 0, ${name}t; function ${name}r() { return ${name} === slice ? (${name}t ??= text(${name}a, ${name}b)) : ${name}; }`;

const isAscii = (word: string): boolean => /^[\0-\x7f]*$/.test(word);

/** Source that is true where a word lies at a place of the bytes; the caller knows that there are as many. */
export function bytesAt(emitter: Emitter, at: string, word: string): string {
  if (!isAscii(word)) return "false";
  if (word.length > spelled) {
    // Most places are told by their first byte, without a call.
    return `B[${at}] === ${word.charCodeAt(0)} && holdsAt(${at}, ${emitter.ref(Buffer.from(word))})`;
  }
  const bytes = [...word].map((char, index) => `B[${at} + ${index}] === ${char.charCodeAt(0)}`);
  return bytes.length === 0 ? "true" : bytes.join(" && ");
}

const size = ({ name }: Slot): string => `${name}b - ${name}a`;

/** Source that is true where a slice is a word. */
export const sliceIs = (emitter: Emitter, slot: Slot, word: string): string =>
  `${size(slot)} === ${word.length} && ${bytesAt(emitter, `${slot.name}a`, word)}`;

/** Source that is true where a slice begins with a word. */
export const sliceStarts = (emitter: Emitter, slot: Slot, word: string): string =>
  `${size(slot)} >= ${word.length} && ${bytesAt(emitter, `${slot.name}a`, word)}`;

/** Source that is true where a slice ends with a word. */
export const sliceEnds = (emitter: Emitter, slot: Slot, word: string): string =>
  `${size(slot)} >= ${word.length} && ${bytesAt(emitter, `${slot.name}b - ${word.length}`, word)}`;

/** Source that is true where a slice holds a word that is not empty. */
export const sliceHolds = (emitter: Emitter, { name }: Slot, word: string): string =>
  isAscii(word) ? `holds(${name}a, ${name}b, ${emitter.ref(Buffer.from(word))})` : "false";

/** One test for a slice and another one for any other value. */
export const either = (slot: Slot | undefined, forSlice: string, forOthers: string): string =>
  slot ? `(${slot.name} === slice ? ${forSlice} : ${forOthers})` : forOthers;

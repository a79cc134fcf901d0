import { type Packer, packBits, packedBytes, pieceBytes } from "./pack.ts";

const leastMatch = 4;
const lastLiterals = 5;
const matchEnd = 13;
const knownBytes = 8;

/** The plain twin of `assembly/pack.ts`: the same blocks, byte for byte. */
export class PlainPacker implements Packer {
  readonly #table = new Uint16Array(1 << packBits);
  readonly #out = Buffer.allocUnsafeSlow(packedBytes);
  readonly #plain = Buffer.allocUnsafeSlow(pieceBytes);

  pack(bytes: Uint8Array): Uint8Array {
    const table = this.#table.fill(0);
    const out = this.#out;
    const end = bytes.length;
    const last = end - matchEnd;
    let to = 0;
    let anchor = 0;
    for (let at = 1; ; ) {
      let found = 0;
      for (let step = 2 << 6; at <= last; at += step++ >> 6) {
        const slot = slotOf(bytes, at);
        found = table[slot]!;
        table[slotOf(bytes, at - 1)] = at - 1;
        table[slot] = at;
        if (equalBytes(bytes, found, at, at + knownBytes) === knownBytes) break;
      }
      if (at > last) break;
      const stop = at + equalBytes(bytes, found, at, end - lastLiterals);
      for (let back = 0; back < 8 && at > anchor && found > 0 && bytes[at - 1] === bytes[found - 1]; back++) {
        at--;
        found--;
      }
      const more = stop - at - leastMatch;
      to = putLiterals(out, to, bytes, anchor, at, more);
      out[to++] = (at - found) & 255;
      out[to++] = (at - found) >> 8;
      if (more >= 15) to = putLength(out, to, more - 15);
      anchor = stop;
      at = stop;
    }
    return out.subarray(0, putLiterals(out, to, bytes, anchor, end, 0));
  }

  unpack(bytes: Uint8Array, room: number): Uint8Array | undefined {
    const out = this.#plain;
    const end = bytes.length;
    let at = 0;
    let to = 0;
    const length = (nibble: number): number => {
      if (nibble < 15) return nibble;
      let all = 15;
      while (at < end) {
        const byte = bytes[at++]!;
        all += byte;
        if (byte !== 255) return all;
      }
      return Number.POSITIVE_INFINITY;
    };
    while (at < end) {
      const token = bytes[at++]!;
      const literals = length(token >> 4);
      if (literals > end - at || literals > room - to) return undefined;
      for (const stop = at + literals; at < stop; ) out[to++] = bytes[at++]!;
      if (at === end) return out.subarray(0, to);
      if (end - at < 2) return undefined;
      const distance = bytes[at]! | (bytes[at + 1]! << 8);
      at += 2;
      const size = length(token & 15) + leastMatch;
      if (distance === 0 || distance > to || size > room - to) return undefined;
      for (const stop = to + size; to < stop; to++) out[to] = out[to - distance]!;
    }
    return undefined;
  }
}

/** The upper bits of the product of eight bytes and 0x9e3779b185ebca87, of which the lower 64 bits are taken. */
function slotOf(bytes: Uint8Array, at: number): number {
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  const high = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
  const upper =
    upperProduct(low >>> 0, 0x85ebca87) + Math.imul(low, 0x9e3779b1) + Math.imul(high, 0x85ebca87);
  return (upper >>> 0) >>> (32 - packBits);
}

/** The upper 32 bits of a product of two numbers of 32. */
function upperProduct(first: number, second: number): number {
  const low = first & 0xffff;
  const high = first >>> 16;
  const lowest = low * (second & 0xffff);
  const middle = high * (second & 0xffff) + low * (second >>> 16) + Math.floor(lowest / 0x1_0000);
  return high * (second >>> 16) + Math.floor(middle / 0x1_0000);
}

/** How many bytes are equal from two places on, the second of which comes up to `end`. */
function equalBytes(bytes: Uint8Array, first: number, second: number, end: number): number {
  let count = 0;
  while (second + count < end && bytes[first + count] === bytes[second + count]) count++;
  return count;
}

function putLength(out: Uint8Array, to: number, length: number): number {
  let rest = length;
  for (; rest >= 255; rest -= 255) out[to++] = 255;
  out[to++] = rest;
  return to;
}

/** Writes the head of a sequence, and its literals. */
function putLiterals(
  out: Uint8Array,
  to: number,
  bytes: Uint8Array,
  from: number,
  end: number,
  more: number,
): number {
  const literals = end - from;
  let at = to;
  out[at++] = (Math.min(literals, 15) << 4) | Math.min(more, 15);
  if (literals >= 15) at = putLength(out, at, literals - 15);
  for (let i = from; i < end; i++) out[at++] = bytes[i]!;
  return at;
}

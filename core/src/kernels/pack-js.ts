import { type Packer, packBits, packedBytes, pieceBytes } from "./pack.ts";

const leastMatch = 4;
const lastLiterals = 5;
const matchEnd = 12;

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
    for (let at = 1; at <= last; at++) {
      let found = 0;
      for (let step = 1 << 6, next = at; ; ) {
        at = next;
        next = at + (step++ >> 6);
        if (at > last) break;
        const slot = slotOf(bytes, at);
        found = table[slot]!;
        table[slot] = at;
        if (sameFour(bytes, found, at)) break;
      }
      if (at > last) break;
      for (; at > anchor && found > 0 && bytes[at - 1] === bytes[found - 1]; at--) found--;
      for (;;) {
        let more = 0;
        const most = end - lastLiterals - leastMatch - at;
        while (more < most && bytes[found + leastMatch + more] === bytes[at + leastMatch + more]) more++;
        to = putLiterals(out, to, bytes, anchor, at, more);
        out[to++] = (at - found) & 255;
        out[to++] = (at - found) >> 8;
        if (more >= 15) to = putLength(out, to, more - 15);
        at += more + leastMatch;
        anchor = at;
        if (at > last) break;
        table[slotOf(bytes, at - 2)] = at - 2;
        const slot = slotOf(bytes, at);
        found = table[slot]!;
        table[slot] = at;
        if (!sameFour(bytes, found, at)) break;
      }
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

function slotOf(bytes: Uint8Array, at: number): number {
  const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  const two = bytes[at + 4]! | (bytes[at + 5]! << 8);
  return (Math.imul(four, 0x9e3779b1) ^ Math.imul(two, 0x85ebca77)) >>> (32 - packBits);
}

const sameFour = (bytes: Uint8Array, first: number, second: number): boolean =>
  bytes[first] === bytes[second] &&
  bytes[first + 1] === bytes[second + 1] &&
  bytes[first + 2] === bytes[second + 2] &&
  bytes[first + 3] === bytes[second + 3];

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

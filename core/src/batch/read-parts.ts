import type { ByteReader } from "./bytes.ts";

/** Throws a RangeError where bytes are left over. */
export const finished = (reader: ByteReader): void => {
  if (reader.offset !== reader.end) throw new RangeError(`has ${reader.end - reader.offset} bytes too many`);
};

/** Where each of `count` texts starts (after its length) and ends. One pass over the lengths; the texts are not touched. */
export function textBounds(reader: ByteReader, count: number): Uint32Array {
  const { bytes, end } = reader;
  const bounds = new Uint32Array(count * 2);
  let at = reader.offset;
  for (let i = 0; i < count; i++) {
    let size = at < end ? bytes[at]! : 0x80;
    if (size < 0x80) at++;
    else if (at + 1 < end && bytes[at + 1]! < 0x80) {
      size = (size & 0x7f) | (bytes[at + 1]! << 7);
      at += 2;
    } else {
      // A long text, or an overrun, which the reader reports.
      reader.offset = at;
      size = reader.varint();
      at = reader.offset;
    }
    if (size > end - at) {
      reader.offset = at;
      reader.need(size);
    }
    bounds[i * 2] = at;
    at += size;
    bounds[i * 2 + 1] = at;
  }
  reader.offset = at;
  return bounds;
}

/** A count from outside that must not exceed what the bytes can hold. */
export function boundedCount(reader: ByteReader, smallestItem: number): number {
  const count = reader.u64();
  if (count * smallestItem > reader.end - reader.offset)
    throw new RangeError(`has ${count} items in too few bytes`);
  return count;
}

/** The running ends of an Array column: non-decreasing, the last within what the bytes can hold. */
export function readEnds(reader: ByteReader, rows: number): Float64Array {
  const counts = wholeNumbers(reader.take(rows * 8));
  const ends = new Float64Array(rows);
  let last = 0;
  for (let row = 0; row < rows; row++) {
    const high = counts[row * 2 + 1]!;
    if (high > 0x1f_ffff) throw new RangeError(`count too large at ${row}`);
    const end = high * 0x1_0000_0000 + counts[row * 2]!;
    if (end < last) throw new RangeError("has list ends that go back");
    ends[row] = last = end;
  }
  if (last > reader.end - reader.offset) throw new RangeError("has more list items than bytes");
  return ends;
}

/** Bytes as 32-bit numbers; copied only where they do not lie at a multiple of four. */
export function wholeNumbers(bytes: Buffer): Uint32Array {
  const own = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  return new Uint32Array(own.buffer, own.byteOffset, bytes.length >>> 2);
}

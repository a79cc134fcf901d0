import type { ByteReader } from "./bytes.ts";

/** Throws a RangeError where bytes are left over. */
export const finished = (reader: ByteReader): void => {
  if (reader.offset !== reader.end) throw new RangeError(`has ${reader.end - reader.offset} bytes too many`);
};

/** Where each of `count` texts starts (after its length) and ends. */
export function textBounds(reader: ByteReader, count: number): Uint32Array {
  const bounds = new Uint32Array(count * 2);
  for (let i = 0; i < count; i++) {
    const size = reader.varint();
    reader.need(size);
    bounds[i * 2] = reader.offset;
    reader.offset += size;
    bounds[i * 2 + 1] = reader.offset;
  }
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
  reader.need(rows * 8);
  const ends = new Float64Array(rows);
  let last = 0;
  for (let row = 0; row < rows; row++) {
    const end = reader.u64();
    if (end < last) throw new RangeError("has list ends that go back");
    ends[row] = last = end;
  }
  if (last > reader.end - reader.offset) throw new RangeError("has more list items than bytes");
  return ends;
}

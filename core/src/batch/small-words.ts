import { type WordData, type Words, wordsFor } from "../kernels/index.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";

/**
 * Numbers of 32 bits that are near each other: `u8` width; the least of them as LEB128; then how far each is above it. Width 0: not at
 * all, nothing follows. 1: half a byte each, the first in the lower half. 2 to 5: one to four bytes each, all lowest bytes first,
 * then all of the next, so that those that are always zero pack to nothing.
 */
const halves = 1;

function widthOf(range: number): number {
  if (range === 0) return 0;
  if (range < 0x10) return halves;
  return range < 0x100 ? 2 : range < 0x1_0000 ? 3 : range < 0x100_0000 ? 4 : 5;
}

/** Gives what knows them until other words are looked at. */
export function writeWords(values: Uint8Array | Uint32Array, out: ByteWriter): Words {
  const words = wordsFor(values.length);
  words.take(values);
  putWords(words, words.least, words.most, out);
  return words;
}

/** Writes the words that were looked at last, of which none is below `least` or above `most`. */
export function putWords(words: Words, least: number, most: number, out: ByteWriter): void {
  const width = widthOf(most - least);
  out.u8(width);
  out.varint(least);
  if (width > 0) out.raw(words.planes(least, width - 1));
}

/** Passes over `count` numbers and gives what they are made from. Throws a RangeError where they are not there. */
export function wordData(reader: ByteReader, count: number): WordData {
  const width = reader.u8();
  const least = reader.varint();
  if (width > 5) throw new RangeError("has numbers of an unknown width");
  const planes = Math.max(0, width - 1);
  return { planes, least, data: reader.take(width === halves ? (count + 1) >>> 1 : planes * count) };
}

/** The numbers themselves, in memory that is given where that is wanted. */
export function wordsOf(
  { planes, least, data }: WordData,
  count: number,
  values: Uint32Array = new Uint32Array(count),
): Uint32Array {
  if (data.length === 0) return values.fill(least);
  if (planes === 0) {
    const pairs = count & ~1;
    for (let i = 0, at = 0; i < pairs; i += 2) {
      const both = data[at++]!;
      values[i] = least + (both & 15);
      values[i + 1] = least + (both >>> 4);
    }
    if (pairs < count) values[pairs] = least + (data[pairs >>> 1]! & 15);
    return values;
  }
  for (let i = 0; i < count; i++) values[i] = least + data[i]!;
  for (let plane = 1, at = count; plane < planes; plane++, at += count)
    for (let i = 0; i < count; i++) values[i]! += data[at + i]! << (plane * 8);
  return values;
}

/** Reads `count` numbers. Throws a RangeError where they are not there. */
export const readWords = (reader: ByteReader, count: number, values?: Uint32Array): Uint32Array =>
  wordsOf(wordData(reader, count), count, values);

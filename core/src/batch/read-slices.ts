import type { UnsliceKernel } from "../kernels/index.ts";
import { ByteReader } from "./bytes.ts";
import { lengthBytes } from "./slice-list.ts";
import { wordData, wordsOf } from "./small-words.ts";

/** The lines of rows, `bounds` as `Texts` has them. */
export interface LineTexts {
  readonly bytes: Buffer;
  readonly bounds: Uint32Array;
  /** Has taken these lines. */
  readonly kernel: UnsliceKernel | undefined;
}

/** Below this many bytes a plain loop is faster than a call. */
const short = 48;
/** Below this many texts so is one of the kernel's calls. */
const few = 16;

const noBounds = new Uint32Array(0);

/** A list of slices that is read into a ClickHouse String column. */
class SliceReader {
  readonly #own: ByteReader;
  readonly #out: Buffer;
  at: number;

  constructor(own: ByteReader, out: Buffer, to: number) {
    this.#own = own;
    this.#out = out;
    this.at = to;
  }

  /** Writes the next text that lies by itself. */
  own(): void {
    const own = this.#own;
    const size = own.varint();
    this.put(own.bytes, own.offset, size);
    own.offset += size;
  }

  put(bytes: Buffer, start: number, size: number): void {
    const out = this.#out;
    let at = this.at;
    if (at + size + 5 > out.length && at + size + lengthBytes(size) > out.length)
      throw new RangeError("has more text than its directory says");
    let rest = size;
    for (; rest >= 0x80; rest >>>= 7) out[at++] = (rest & 0x7f) | 0x80;
    out[at++] = rest;
    if (size > short) at += bytes.copy(out, at, start, start + size);
    else for (let from = start, end = start + size; from < end; ) out[at++] = bytes[from++]!;
    this.at = at;
  }
}

/** Texts that were read. */
export interface ReadSlices {
  /** Where they end. */
  readonly end: number;
  /** Where each of them lies, as far as that is known without looking for it. Void once more is read. */
  bounds(): Uint32Array | undefined;
}

/**
 * Reads what a `SliceList` wrote of `count` texts, of the rows that `rows` says where that is not just their number, into `out` as a
 * ClickHouse String column, from `to` on. Throws a RangeError on anything that does not fit.
 */
export function readSlices(
  reader: ByteReader,
  count: number,
  rows: Uint32Array | undefined,
  lines: LineTexts | undefined,
  out: Buffer,
  to: number,
): ReadSlices {
  const owns = reader.varint();
  if (owns > count) throw new RangeError("has more texts of its own than rows");
  const own = new ByteReader(reader.bytes, reader.offset, reader.end);
  for (let i = 0, row = 0; i < owns; i++) {
    const more = reader.varint();
    row += more;
    if (row >= count || (more === 0 && i > 0)) throw new RangeError("has texts of its own out of order");
    reader.take(reader.varint());
  }
  const [startData, sizeData] = [wordData(reader, count), wordData(reader, count)];
  const kernel = lines?.kernel;
  kernel?.places(startData, sizeData, count, rows);
  let places: readonly [Uint32Array, Uint32Array] | undefined;
  const texts = new SliceReader(own, out, to);
  const { bytes, bounds } = lines ?? { bytes: out, bounds: noBounds };
  const one = (i: number): void => {
    places ??= [wordsOf(startData, count), wordsOf(sizeData, count)];
    const [start, size] = [places[0][i]!, places[1][i]!];
    const line = (rows ? rows[i]! : i) * 2;
    if (size > 0 && !(start + size <= bounds[line + 1]! - bounds[line]!)) throw notInLine();
    texts.put(bytes, size > 0 ? bounds[line]! + start : 0, size);
  };
  const some = (first: number, end: number): void => {
    for (let i = first; i < end; ) {
      if (kernel && end - i >= few) {
        const done = kernel.texts(i, end - i, rows !== undefined, out, texts.at);
        if (done < 0) throw notInLine();
        texts.at = kernel.end;
        i += done;
      }
      // Without a kernel, or a text that is too long for it.
      for (const stop = kernel && end - i >= few ? i + 1 : end; i < stop; i++) one(i);
    }
  };
  let next = 0;
  for (let i = 0, row = 0; i < owns; i++) {
    row += own.varint();
    some(next, row);
    texts.own();
    next = row + 1;
  }
  some(next, count);
  const found = (): Uint32Array | undefined =>
    owns > 0 ? undefined : boundsOf(places?.[1] ?? kernel?.sizes(count) ?? wordsOf(sizeData, count), to);
  return { end: texts.at, bounds: found };
}

/** Where texts of such sizes lie in a ClickHouse String column that begins at a place. */
function boundsOf(sizes: Uint32Array, from: number): Uint32Array {
  const bounds = new Uint32Array(sizes.length * 2);
  let at = from;
  for (let i = 0; i < sizes.length; i++) {
    const size = sizes[i]!;
    at += size < 0x80 ? 1 : lengthBytes(size);
    bounds[i * 2] = at;
    at += size;
    bounds[i * 2 + 1] = at;
  }
  return bounds;
}

const notInLine = (): RangeError => new RangeError("has a text that is not in its line");

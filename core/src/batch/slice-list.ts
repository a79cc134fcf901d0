import { wordsFor } from "../kernels/index.ts";
import { ByteWriter } from "./bytes.ts";
import { giveMemory, takeMemory } from "./memory.ts";
import { putWords } from "./small-words.ts";

/** How the beginning of a text says that it lies elsewhere. */
export const elsewhere = 0xffff_ffff;

/**
 * Texts that are parts of their rows' lines: where each begins there, and how many bytes it has. Those that are none lie by
 * themselves. Exact always; made for columns of which nearly all texts are parts.
 *
 * Written: how many lie by themselves, as LEB128, and for each how many rows it is behind the one before, and the text, each behind its
 * length; then where all begin, then how long they are, both as small words.
 */
export class SliceList {
  #memory: Buffer;
  #starts: Uint32Array;
  #sizes: Uint32Array;
  #count = 0;
  readonly #own = new ByteWriter(256);
  #owns = 0;
  #lastOwn = 0;
  /** Bytes of the texts with their lengths, as a column of ClickHouse's has them. */
  #bytes = 0;

  /** For about so many texts. */
  constructor(texts: number) {
    this.#memory = takeMemory(texts * 8);
    this.#starts = halfOf(this.#memory, 0);
    this.#sizes = halfOf(this.#memory, 1);
  }

  get count(): number {
    return this.#count;
  }

  /** As `#bytes`; empty rows count from the next text on. */
  get size(): number {
    return this.#bytes;
  }

  /** Adds empty texts up to a number of texts. */
  skipTo(count: number): void {
    const gap = count - this.#count;
    if (gap <= 0) return;
    this.#room(gap);
    this.#starts.fill(0, this.#count, count);
    this.#sizes.fill(0, this.#count, count);
    this.#count = count;
    this.#bytes += gap;
  }

  slice(start: number, size: number): void {
    this.#room(1);
    const at = this.#count++;
    this.#starts[at] = start;
    this.#sizes[at] = size;
    this.#bytes += size + lengthBytes(size);
  }

  text(text: string): void {
    const bytes = Buffer.from(text);
    this.range(bytes, 0, bytes.length);
  }

  /** Adds the text that lies in `bytes`, by itself. */
  range(bytes: Uint8Array, from: number, to: number): void {
    this.skipTo(this.#count + 1);
    if (to > from) this.ownAt(this.#count - 1, bytes, from, to);
  }

  /** Makes an empty text the one that lies in `bytes`, by itself. All behind it are empty still, or parts of their lines. */
  ownAt(at: number, bytes: Uint8Array, from: number, to: number): void {
    const own = this.#own;
    const size = to - from;
    own.varint(at - this.#lastOwn);
    own.varint(size);
    own.range(bytes, from, to);
    this.#lastOwn = at;
    this.#owns++;
    this.#bytes += size + lengthBytes(size) - 1;
  }

  /**
   * Adds what `ValueBlock.slices` gives. `put` is told of each that lies elsewhere, by its number among all of these, in order, and is to give it
   * to `ownAt` with its place.
   */
  block(
    starts: Uint32Array,
    sizes: Uint32Array,
    others: number,
    bytes: number,
    put: (number: number, at: number) => void,
  ): void {
    const { length } = starts;
    this.#room(length);
    const at = this.#count;
    this.#starts.set(starts, at);
    this.#sizes.set(sizes, at);
    this.#count += length;
    this.#bytes += bytes;
    for (let i = 0, left = others; left > 0; i++) {
      if (starts[i] !== elsewhere) continue;
      left--;
      this.#starts[at + i] = 0;
      put(i, at + i);
    }
  }

  #room(more: number): void {
    const needed = this.#count + more;
    if (needed <= this.#starts.length) return;
    const memory = takeMemory(Math.max(needed * 8, this.#memory.length * 2));
    const [starts, sizes] = [halfOf(memory, 0), halfOf(memory, 1)];
    starts.set(this.#starts.subarray(0, this.#count));
    sizes.set(this.#sizes.subarray(0, this.#count));
    giveMemory(this.#memory);
    this.#memory = memory;
    this.#starts = starts;
    this.#sizes = sizes;
  }

  /** Writes all of it and gives the memory back. Called once, last. */
  finish(out: ByteWriter): void {
    const count = this.#count;
    const words = wordsFor(count);
    // Where nothing begins, it may as well be there: so beginnings stay near each other.
    words.slices(this.#starts.subarray(0, count), this.#sizes.subarray(0, count));
    out.varint(this.#owns);
    out.raw(this.#own.view());
    putWords(words, words.least, words.most, out);
    words.other();
    putWords(words, words.least, words.most, out);
    this.#own.release();
    giveMemory(this.#memory);
  }
}

const halfOf = ({ buffer, length }: Buffer, half: 0 | 1): Uint32Array =>
  new Uint32Array(buffer, (half * length) / 2, length / 8);

/** Bytes of a length in LEB128. */
export function lengthBytes(size: number): number {
  let bytes = 1;
  for (let rest = size; rest >= 0x80; rest >>>= 7) bytes++;
  return bytes;
}

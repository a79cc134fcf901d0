import { gather, mostPlaces, placeWords, type SliceKernel } from "../kernels/index.ts";
import { addEach, addOwn, probeTogether, stillDiffers } from "./block-texts.ts";
import { type PackedColumn, packNative, packSized, withScratch } from "./blocks.ts";
import type { ByteWriter } from "./bytes.ts";
import { chunk, noteWaiting, takeNow, type Waiting } from "./chunk.ts";
import type { TextColumnBuilder } from "./column-builders.ts";
import { Dictionary } from "./dictionary.ts";
import { forms } from "./dynamic-parts.ts";
import { type Expected, unknownSize } from "./expected.ts";
import { KeyIndex } from "./key-index.ts";
import { givePlaces, noPlaces, type Places, takePlaces } from "./places.ts";
import { elsewhere, SliceList } from "./slice-list.ts";
import { writeWords } from "./small-words.ts";
import { Strings } from "./strings.ts";
import { type BlockColumn, textsOf, type ValueBlock } from "./value-block.ts";
import { writeIndex } from "./write-index.ts";

/** After this many rows a text column decides whether a dictionary pays. */
const probeRows = 512;

/** By the number of a distinct value: its key. */
const keys = new Uint32Array(mostPlaces);

/**
 * Text that starts as a dictionary. When most values differ it turns into slices, where they are parts of their lines, or else into
 * plain text.
 */
export class TextBuilder implements TextColumnBuilder, BlockColumn, Waiting {
  #dictionary: Dictionary | undefined;
  readonly #expected: Expected;
  readonly #index: KeyIndex;
  readonly #plain: Strings;
  #slices: SliceList | undefined;
  #rows = 0;
  /** Where values lie in the chunk that were not taken yet, all behind row `#taken`, and the words that are used of it. */
  #waiting: Places = noPlaces;
  #noted = 0;
  #notedBytes = 0;
  /** Rows that are written. */
  #taken = 0;
  #last = "";
  #lastKey = 0;
  /** Bytes of the texts of the block that was added last, with one more for each. */
  blockBytes = 0;

  constructor(expected: Expected = unknownSize) {
    this.#expected = expected;
    this.#index = new KeyIndex(expected.rows);
    this.#plain = new Strings(expected.bytes);
    this.#dictionary = new Dictionary();
  }

  get size(): number {
    return this.#dictionary
      ? this.#dictionary.bytes + this.#rows
      : (this.#slices ?? this.#plain).size + this.#notedBytes + this.#noted;
  }

  add(row: number, value: unknown): void {
    if (row < this.#rows) return;
    if (this.#noted > 0) takeNow(this);
    const text = value as string;
    if (!this.#dictionary) {
      this.#skipTo(row);
      if (this.#slices) this.#slices.text(text);
      else this.#plain.add(text);
      this.#taken = this.#rows = row + 1;
      return;
    }
    if (text !== this.#last) {
      this.#last = text;
      this.#lastKey = this.#dictionary.key(text);
    }
    this.#index.set(row, this.#lastKey);
    this.#taken = this.#rows = row + 1;
    this.#judge(this.#dictionary);
  }

  addSlice(row: number, bytes: Uint8Array, from: number, to: number): void {
    if (row < this.#rows) return;
    if (bytes === chunk.bytes) {
      this.#note(row, from, to);
      return;
    }
    if (this.#noted > 0) takeNow(this);
    if (!this.#dictionary) {
      this.#skipTo(row);
      if (this.#slices) this.#slices.range(bytes, from, to);
      else this.#plain.slice(bytes, from, to);
      this.#taken = this.#rows = row + 1;
      return;
    }
    this.#index.set(row, this.#dictionary.keyOf(bytes, from, to));
    this.#taken = this.#rows = row + 1;
    this.#judge(this.#dictionary);
  }

  /** Leaves rows without a dictionary empty up to one. */
  #skipTo(row: number): void {
    if (this.#slices) this.#slices.skipTo(row);
    else this.#plain.skip(row - this.#rows);
  }

  #note(row: number, from: number, to: number): void {
    let at = this.#noted;
    if (at === 0) {
      this.#waiting = takePlaces();
      noteWaiting(this);
    }
    const { places, begins } = this.#waiting;
    begins[at / placeWords] = from >= chunk.from && to <= chunk.to ? from - chunk.from : elsewhere;
    places[at++] = row;
    places[at++] = from;
    places[at++] = to;
    this.#noted = at;
    this.#notedBytes += to - from;
    this.#rows = row + 1;
    if (at === places.length) takeNow(this);
  }

  /** Takes the values whose places were noted. */
  take(kernel: SliceKernel): void {
    const count = this.#noted / placeWords;
    if (count === 0) return;
    const waiting = this.#waiting;
    const { places, begins } = waiting;
    const before = this.#taken;
    this.#noted = 0;
    this.#notedBytes = 0;
    const dictionary = this.#dictionary;
    if (dictionary) {
      const distinct = kernel.distinct(places, count);
      const isSliced = begins[count - 1] !== elsewhere;
      if (isSliced && before === 0 && count >= probeTogether && distinct * 2 > count) {
        this.#toSlices(dictionary, 0);
      } else {
        this.#keys(dictionary, kernel, distinct, count);
        this.#taken = this.#rows;
        // Where the row of judgement lies among these, it is made now.
        const isJudged = before < probeRows && this.#rows >= probeRows && dictionary.size > this.#rows / 2;
        if (isJudged || dictionary.crowded) this.#give(dictionary, isSliced);
        this.#end(waiting);
        return;
      }
    }
    if (this.#slices) this.#takeSlices(this.#slices, count);
    else {
      const plain = this.#plain;
      kernel.texts(
        places,
        count,
        before,
        (bytes) => plain.raw(bytes),
        (place, row) => {
          const at = place * placeWords;
          plain.skip(places[at]! - row);
          plain.slice(chunk.bytes!, places[at + 1]!, places[at + 2]!);
        },
      );
    }
    this.#taken = this.#rows;
    this.#end(waiting);
  }

  #end(waiting: Places): void {
    this.#waiting = noPlaces;
    givePlaces(waiting);
  }

  #takeSlices(slices: SliceList, count: number): void {
    const { places, begins } = this.#waiting;
    for (let i = 0, at = 0; i < count; i++, at += placeWords) {
      slices.skipTo(places[at]!);
      const [from, to] = [places[at + 1]!, places[at + 2]!];
      if (begins[i] === elsewhere) slices.range(chunk.bytes!, from, to);
      else slices.slice(begins[i]!, to - from);
    }
  }

  #keys(dictionary: Dictionary, { ids, firsts }: SliceKernel, distinct: number, count: number): void {
    const { places } = this.#waiting;
    const index = this.#index;
    for (let id = 0; id < distinct; id++) {
      const at = firsts[id]! * placeWords;
      keys[id] = dictionary.keyOf(chunk.bytes!, places[at + 1]!, places[at + 2]!);
    }
    for (let i = 0, at = 0; i < count; i++, at += placeWords) index.set(places[at]!, keys[ids[i]!]!);
  }

  /** Gives a dictionary up that does not pay. */
  #judge(dictionary: Dictionary): void {
    const few = this.#rows !== probeRows || dictionary.size <= probeRows / 2;
    if (!few || dictionary.crowded) this.#give(dictionary, false);
  }

  /** Goes on without a dictionary. */
  #give(dictionary: Dictionary, isSliced: boolean): void {
    if (isSliced) this.#toSlices(dictionary, this.#rows);
    else this.#toPlain(dictionary);
  }

  /** Adds rows at once that all have one value. */
  repeat(row: number, count: number, text: string): void {
    if (this.#noted > 0) takeNow(this);
    if (!this.#dictionary) {
      for (let i = 0; i < count; i++) this.add(row + i, text);
      return;
    }
    this.#index.fill(row, count, this.#dictionary.key(text));
    this.#taken = this.#rows = row + count;
  }

  /** Adds rows of a block; with `dense` only those that have a text, one behind the other. Gives how many rows were added. */
  addBlock(row: number, first: number, count: number, block: ValueBlock, dense = false): number {
    if (this.#noted > 0) takeNow(this);
    const dictionary = this.#dictionary;
    if (dictionary) {
      const isSliced = block.slices !== undefined;
      const isFirst = isSliced && dictionary.size === 1;
      if (isFirst && block.differed) block.differed = stillDiffers(dictionary, first, count, block, dense);
      if (!isFirst || !block.differed) {
        const fresh = block.look(dictionary, first, count, dense);
        if (isFirst) block.differed = count >= probeTogether && (fresh < 0 || fresh * 2 > count);
        if (!isFirst || !block.differed)
          return this.#addKeys(dictionary, fresh, row, first, count, block, dense);
      }
      this.#toSlices(dictionary, 0);
    }
    this.#skipTo(row);
    const added = this.#addTexts(first, count, block, dense);
    this.#taken = this.#rows = row + added;
    return added;
  }

  /** Adds what a block has looked for, of which so many texts are new. */
  #addKeys(
    dictionary: Dictionary,
    fresh: number,
    row: number,
    first: number,
    count: number,
    block: ValueBlock,
    dense: boolean,
  ): number {
    let added: number;
    if (fresh < 0) {
      added = addEach(this.#index, dictionary, row, first, count, block, dense);
      this.blockBytes = block.textBytes(first, count);
    } else {
      added = block.lookedRows;
      this.#index.setAll(row, block.looked(), dictionary.size - 1);
      this.blockBytes = block.lookedBytes;
    }
    const before = this.#taken;
    this.#taken = this.#rows = row + added;
    const isJudged = before < probeRows && this.#rows >= probeRows && dictionary.size > this.#rows / 2;
    if (isJudged || dictionary.crowded) {
      block.differed = block.slices !== undefined;
      this.#give(dictionary, block.differed);
    }
    return added;
  }

  #addTexts(first: number, count: number, block: ValueBlock, dense: boolean): number {
    const slices = this.#slices;
    if (!slices || !block.slices) {
      this.blockBytes = block.textBytes(first, count);
      if (slices) return addOwn(slices, first, count, block, dense);
      block.texts(first, count, dense, (bytes) => this.#plain.raw(bytes));
      return dense ? textsOf(block, first, count) : count;
    }
    const before = slices.count;
    block.slices(first, count, dense, (starts, sizes, others, bytes, texts) => {
      this.blockBytes = texts;
      let row = first;
      let seen = -1;
      slices.block(starts, sizes, others, bytes, (number, at) => {
        for (; ; row++) {
          if (!dense || block.kinds[row] === 1) seen++;
          if (seen === number) break;
        }
        slices.ownAt(at, block.bytes, block.places[row * 2]!, block.places[row++ * 2 + 1]!);
      });
    });
    return slices.count - before;
  }

  #toPlain(dictionary: Dictionary): void {
    this.#dictionary = undefined;
    this.#last = "";
    gather(dictionary.packed, this.#index.upTo(this.#rows), (bytes) => this.#plain.raw(bytes));
    dictionary.release();
  }

  /** Goes on with slices, with the texts of so many rows as they are. */
  #toSlices(dictionary: Dictionary, rows: number): void {
    const slices = new SliceList(this.#expected.rows);
    this.#slices = slices;
    this.#dictionary = undefined;
    const { bytes } = dictionary.packed;
    const index = this.#index.upTo(rows);
    for (let row = 0; row < rows; row++) {
      const key = index[row]!;
      if (key === 0) slices.skipTo(row + 1);
      else slices.range(bytes, dictionary.start(key), dictionary.end(key));
    }
    dictionary.release();
  }

  /** Writes the finished column as plain text, which it must be or be a dictionary: no block or chunk of lines was added. Called once, last. */
  finishPlain(rows: number, out: ByteWriter): void {
    const dictionary = this.#dictionary;
    if (!dictionary || rows === 0) {
      this.#plain.skip(rows - this.#rows);
      this.#plain.finish(out);
    } else {
      gather(dictionary.packed, this.#index.upTo(rows), (bytes) => out.raw(bytes));
      dictionary.release();
    }
    this.#index.release();
  }

  /** Writes the texts as the part of a dynamic column, and gives the bytes that they have as they are. Called once, last. */
  finishPart(count: number, out: ByteWriter): number {
    const slices = this.#slices;
    if (slices) {
      out.u8(forms.slices);
      slices.skipTo(count);
      slices.finish(out);
      this.#index.release();
      return slices.size;
    }
    const dictionary = this.#dictionary;
    if (!dictionary || count === 0) {
      out.u8(forms.native);
      const at = out.length;
      out.u32(0);
      this.finishPlain(count, out);
      const bytes = out.length - at - 4;
      out.view().writeUInt32LE(bytes, at);
      return bytes;
    }
    const index = this.#index.upTo(count);
    out.u8(forms.keys);
    out.varint(dictionary.size);
    dictionary.write(out);
    const { ends } = dictionary.packed;
    const bytes = writeWords(index, out).sumOf(ends.subarray(1).map((end, key) => end - ends[key]!));
    dictionary.release();
    this.#index.release();
    return bytes;
  }

  pack(rows: number, out: ByteWriter): PackedColumn {
    const slices = this.#slices;
    if (slices) {
      slices.skipTo(rows);
      withScratch((scratch) => {
        slices.finish(scratch);
        packSized(scratch.view(), out);
      });
      this.#index.release();
      return { encoding: "text", packing: "slices", bytes: slices.size };
    }
    const dictionary = this.#dictionary;
    return packNative((plain) => {
      if (!dictionary) {
        this.finishPlain(rows, plain);
        return "text";
      }
      writeIndex(dictionary.size, (to) => dictionary.write(to), this.#index.upTo(rows), plain);
      dictionary.release();
      this.#index.release();
      return "dict";
    }, out);
  }
}

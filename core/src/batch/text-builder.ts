import { blockRows, gather, mostPlaces, placeWords, type SliceKernel } from "../kernels/index.ts";
import type { ByteWriter } from "./bytes.ts";
import { chunk, noteWaiting, takeNow, type Waiting } from "./chunk.ts";
import type { TextColumnBuilder } from "./column-builders.ts";
import { Dictionary } from "./dictionary.ts";
import { giveMemory, takeMemory } from "./memory.ts";
import { Strings } from "./strings.ts";
import type { Encoding } from "./types.ts";
import type { BlockColumn, ValueBlock } from "./value-block.ts";

/** After this many rows a text column decides whether a dictionary pays. */
const probeRows = 512;

/** LowCardinality index flags: dictionary keys follow, and they are the whole dictionary. */
const hasKeys = 0x600;

/** Lists of places that no column uses; as many as columns ever wait at the same time. */
const freePlaces: Uint32Array[] = [];
const noPlaces = new Uint32Array(0);
/** By the number of a distinct value: its key. */
const keys = new Uint32Array(mostPlaces);
/** The same for the texts of a block, whose number 0 is none. */
const blockKeys = new Uint32Array(blockRows + 1);

/** Text that starts as a dictionary and turns into plain text when most values differ. */
export class TextBuilder implements TextColumnBuilder, BlockColumn, Waiting {
  #dictionary: Dictionary | undefined;
  #memory = takeMemory(4_096);
  #index = new Uint32Array(this.#memory.buffer);
  readonly #plain: Strings;
  #rows = 0;
  /** Where values lie in the chunk that were not taken yet, all behind row `#taken`, and the words that are used of it. */
  #places: Uint32Array = noPlaces;
  #noted = 0;
  #notedBytes = 0;
  /** Rows that are written. */
  #taken = 0;
  #last = "";
  #lastKey = 0;

  /** `expected`: bytes that there will be as plain text, as far as that is known. */
  constructor(expected = 0) {
    this.#plain = new Strings(expected);
    this.#index.fill(0);
    this.#dictionary = new Dictionary();
  }

  get size(): number {
    return this.#dictionary
      ? this.#dictionary.bytes + this.#rows
      : this.#plain.size + this.#notedBytes + this.#noted;
  }

  add(row: number, value: unknown): void {
    if (row < this.#rows) return;
    if (this.#noted > 0) takeNow(this);
    const text = value as string;
    if (!this.#dictionary) {
      this.#plain.skip(row - this.#rows);
      this.#plain.add(text);
      this.#taken = this.#rows = row + 1;
      return;
    }
    if (row >= this.#index.length) this.#grow(row + 1);
    if (text !== this.#last) {
      this.#last = text;
      this.#lastKey = this.#dictionary.key(text);
    }
    this.#index[row] = this.#lastKey;
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
      this.#plain.skip(row - this.#rows);
      this.#plain.slice(bytes, from, to);
      this.#taken = this.#rows = row + 1;
      return;
    }
    if (row >= this.#index.length) this.#grow(row + 1);
    this.#index[row] = this.#dictionary.keyOf(bytes, from, to);
    this.#taken = this.#rows = row + 1;
    this.#judge(this.#dictionary);
  }

  #note(row: number, from: number, to: number): void {
    let at = this.#noted;
    if (at === 0) {
      this.#places = freePlaces.pop() ?? new Uint32Array(mostPlaces * placeWords);
      noteWaiting(this);
    }
    const places = this.#places;
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
    const places = this.#places;
    const dictionary = this.#dictionary;
    const before = this.#taken;
    this.#noted = 0;
    this.#notedBytes = 0;
    if (dictionary) {
      if (this.#rows > this.#index.length) this.#grow(this.#rows);
      this.#keys(dictionary, kernel, places, count);
      this.#taken = this.#rows;
      // Where the row of judgement lies among these, it is made now.
      if (before < probeRows && this.#rows >= probeRows && dictionary.size > this.#rows / 2)
        this.#toPlain(dictionary);
      else if (dictionary.crowded) this.#toPlain(dictionary);
    } else {
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
    this.#places = noPlaces;
    freePlaces.push(places);
  }

  #keys(dictionary: Dictionary, kernel: SliceKernel, places: Uint32Array, count: number): void {
    const { ids, firsts } = kernel;
    const index = this.#index;
    const distinct = kernel.distinct(places, count);
    for (let id = 0; id < distinct; id++) {
      const at = firsts[id]! * placeWords;
      keys[id] = dictionary.keyOf(chunk.bytes!, places[at + 1]!, places[at + 2]!);
    }
    for (let i = 0, at = 0; i < count; i++, at += placeWords) index[places[at]!] = keys[ids[i]!]!;
  }

  /** Gives a dictionary up that does not pay. */
  #judge(dictionary: Dictionary): void {
    const few = this.#rows !== probeRows || dictionary.size <= probeRows / 2;
    if (!few || dictionary.crowded) this.#toPlain(dictionary);
  }

  /** Adds rows at once that all have one value. */
  repeat(row: number, count: number, text: string): void {
    if (this.#noted > 0) takeNow(this);
    if (!this.#dictionary) {
      for (let i = 0; i < count; i++) this.add(row + i, text);
      return;
    }
    if (row + count > this.#index.length) this.#grow(row + count);
    this.#index.fill(this.#dictionary.key(text), row, row + count);
    this.#taken = this.#rows = row + count;
  }

  /** Adds rows of a block; with `dense` only those that have a text, one behind the other. Gives how many rows were added. */
  addBlock(row: number, first: number, count: number, block: ValueBlock, dense = false): number {
    if (this.#noted > 0) takeNow(this);
    const dictionary = this.#dictionary;
    let added = count;
    if (dictionary) {
      if (row + count > this.#index.length) this.#grow(row + count);
      const distinct = block.distinct(first, count);
      for (let id = 1; id <= distinct; id++)
        blockKeys[id] = dictionary.keyOf(block.bytes, block.start(id), block.end(id));
      const { ids } = block;
      const index = this.#index;
      if (dense) {
        added = 0;
        for (let i = 0; i < count; i++) if (ids[i] !== 0) index[row + added++] = blockKeys[ids[i]!]!;
      } else for (let i = 0; i < count; i++) index[row + i] = blockKeys[ids[i]!]!;
      const before = this.#taken;
      this.#taken = this.#rows = row + added;
      if (before < probeRows && this.#rows >= probeRows && dictionary.size > this.#rows / 2)
        this.#toPlain(dictionary);
      else if (dictionary.crowded) this.#toPlain(dictionary);
    } else {
      if (dense) {
        added = 0;
        for (let i = first; i < first + count; i++) if (block.kinds[i] === 1) added++;
      }
      this.#plain.skip(row - this.#rows);
      block.texts(first, count, dense, (bytes) => this.#plain.raw(bytes));
      this.#taken = this.#rows = row + added;
    }
    return added;
  }

  #grow(rows: number): void {
    const memory = takeMemory(Math.max(rows * 4, this.#memory.length * 2));
    const grown = new Uint32Array(memory.buffer);
    grown.set(this.#index.subarray(0, this.#taken));
    // Rows without a value are empty, which is key 0.
    grown.fill(0, this.#taken);
    giveMemory(this.#memory);
    this.#memory = memory;
    this.#index = grown;
  }

  #toPlain(dictionary: Dictionary): void {
    this.#dictionary = undefined;
    this.#last = "";
    gather(dictionary.packed, this.#index.subarray(0, this.#rows), (bytes) => this.#plain.raw(bytes));
    dictionary.release();
  }

  /** Writes the finished column as plain text, whatever it was collected as. */
  finishPlain(rows: number, out: ByteWriter): void {
    const dictionary = this.#dictionary;
    if (!dictionary || rows === 0) {
      this.#plain.finish(out);
    } else {
      if (rows > this.#index.length) this.#grow(rows);
      gather(dictionary.packed, this.#index.subarray(0, rows), (bytes) => out.raw(bytes));
      dictionary.release();
    }
    giveMemory(this.#memory);
  }

  finish(rows: number, out: ByteWriter): Encoding {
    const dictionary = this.#dictionary;
    if (!dictionary) {
      this.#plain.skip(rows - this.#rows);
      this.#plain.finish(out);
      giveMemory(this.#memory);
      return "text";
    }
    if (rows > this.#index.length) this.#grow(rows);
    writeIndex(dictionary.size, (to) => dictionary.write(to), this.#index.subarray(0, rows), out);
    dictionary.release();
    giveMemory(this.#memory);
    return "dict";
  }
}

/** A LowCardinality(String) column: key 0 is the empty text. ClickHouse `SerializationLowCardinality`. */
export function writeDictionary(keys: readonly string[], index: ArrayLike<number>, out: ByteWriter): void {
  const write = (to: ByteWriter): void => {
    for (const key of keys) to.text(key);
  };
  writeIndex(keys.length, write, index, out);
}

/** A LowCardinality(String) column from its keys as bytes, each behind its length, and a code a row. */
export function writeIndex(
  keys: number,
  writeKeys: (out: ByteWriter) => void,
  index: ArrayLike<number>,
  out: ByteWriter,
): void {
  const width = keys <= 0x100 ? 0 : keys <= 0x1_0000 ? 1 : 2;
  out.u64(1);
  out.u64(hasKeys | width);
  out.u64(keys);
  writeKeys(out);
  out.u64(index.length);
  out.numbers(index, width === 0 ? 1 : width === 1 ? 2 : 4);
}

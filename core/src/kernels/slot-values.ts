import { BlockFull, type BlockKernel } from "./block.ts";
import type { BlockSlot } from "./block-slot.ts";

/** Gives texts their keys. */
export interface TextKeys {
  /** The key of the text that lies in `bytes` from `from` up to `to`, as UTF-8. */
  keyOf(bytes: Uint8Array, from: number, to: number): number;
  /** All keys that were given are below. */
  readonly size: number;
}

/** How a column lays numbers out: in 32 bits, as doubles, as whole ones in 64 bits. */
export const numberLayouts = { words: 0, floats: 1, wholes: 2 } as const;
export type NumberForm = (typeof numberLayouts)[keyof typeof numberLayouts];

/** A piece of memory for the texts of a column, as `assembly/shared/block-columns.ts` lays it out; its texts begin behind their table. */
const entriesAt = 16 + 512 + 4_096;
const entryWords = 8;
const mostTexts = 1_024;
export const memoBytes = entriesAt + (mostTexts + 1) * entryWords * 4 + 144 + (64 << 10) + 64;
const noRoom = -1;
/** So many keys fit into a byte. */
const byteKeys = 0x100;

/** Rows whose texts are looked for. */
interface Asked {
  first: number;
  count: number;
  dense: boolean;
}

/** The values of a slot as a column takes them. What is given lies in the memory of the kernel, and is void with the next call. */
export class SlotValues {
  readonly kinds: Uint8Array;
  readonly numbers: Float64Array;
  readonly places: Uint32Array;
  readonly bytes: Uint8Array;
  readonly #kernel: BlockKernel;
  readonly #slot: BlockSlot;
  readonly #lines: BlockSlot;
  readonly #value: (row: number) => unknown;
  /** Where the texts are that were met since `#keys` is asked; 0 before the first. */
  #memo = 0;
  #keys: TextKeys | undefined;
  readonly #asked: Asked = { first: 0, count: 0, dense: false };
  #isNarrow = false;
  #written = 0;
  #fresh = 0;
  differed = false;

  /** `lines` is the slot of the lines, and `value` makes the value of a row. */
  constructor(kernel: BlockKernel, slot: BlockSlot, lines: BlockSlot, value: (row: number) => unknown) {
    this.#kernel = kernel;
    this.#slot = slot;
    this.#lines = lines;
    this.#value = value;
    this.kinds = slot.kinds;
    this.numbers = slot.numbers;
    this.places = slot.places;
    this.bytes = kernel.memory;
  }

  value(row: number): unknown {
    return this.#value(row);
  }

  any(first: number, count: number): boolean {
    return this.#kernel.calls.any(this.#slot.kindsAt, first, count) !== 0;
  }

  kindsOf(first: number, count: number): number {
    return this.#kernel.calls.kindsOf(this.#slot.kindsAt, first, count);
  }

  types(first: number, count: number, low: number, high: number): Uint8Array {
    const { calls, outAt, memory } = this.#kernel;
    calls.types(this.#slot.kindsAt, first, count, low, high, outAt);
    return memory.subarray(outAt, outAt + count);
  }

  look(keys: TextKeys, first: number, count: number, dense: boolean): number {
    if (this.#memo === 0) this.#memo = this.#take();
    if (this.#memo < 0) return noRoom;
    const asked = this.#asked;
    asked.first = first;
    asked.count = count;
    asked.dense = dense;
    const isOther = this.#keys !== keys || this.#fresh > 0;
    if (isOther) this.#forget(keys);
    let told = this.#look(keys);
    if (told < 0 && !isOther) {
      this.#forget(keys);
      told = this.#look(keys);
    }
    if (told < 0) {
      this.#keys = undefined;
      return noRoom;
    }
    this.#written = told & 0xffff;
    this.#fresh = told >>> 16;
    return this.#fresh;
  }

  #look(keys: TextKeys): number {
    const { calls, outAt, seed } = this.#kernel;
    const { kindsAt, valuesAt } = this.#slot;
    const { first, count, dense } = this.#asked;
    this.#isNarrow = keys.size <= byteKeys;
    const narrow = this.#isNarrow ? 1 : 0;
    return calls.keys(kindsAt, valuesAt, first, count, dense ? 1 : 0, narrow, this.#memo, outAt, seed);
  }

  #forget(keys: TextKeys): void {
    this.#kernel.calls.forget(this.#memo);
    this.#keys = keys;
    this.#fresh = 0;
  }

  #take(): number {
    try {
      return this.#kernel.take(memoBytes);
    } catch (error) {
      if (!(error instanceof BlockFull)) throw error;
      return noRoom;
    }
  }

  looked(): Uint8Array | Uint32Array {
    const { outAt, words, memory } = this.#kernel;
    if (this.#fresh > 0) {
      const keys = this.#keys!;
      const last = words[this.#memo / 4]!;
      const entries = (this.#memo + entriesAt) / 4;
      for (let text = last - this.#fresh + 1; text <= last; text++) {
        const entry = entries + text * entryWords;
        const from = words[entry + 5]!;
        words[entry + 6] = keys.keyOf(memory, from, from + words[entry + 4]!);
      }
      this.#fresh = 0;
      // Now that all have keys.
      this.#look(keys);
    }
    if (this.#isNarrow) return memory.subarray(outAt, outAt + this.#written);
    return words.subarray(outAt / 4, outAt / 4 + this.#written);
  }

  get lookedRows(): number {
    return this.#written;
  }

  get lookedBytes(): number {
    return this.#kernel.calls.spelled.value;
  }

  numbersAs(form: NumberForm, first: number, count: number): Uint8Array {
    return this.#numbers(this.#slot.kindsAt, form, first, count, Number.NaN);
  }

  times(first: number, count: number, otherwise: number): Uint8Array {
    return this.#numbers(0, numberLayouts.wholes, first, count, otherwise);
  }

  #numbers(kinds: number, form: NumberForm, first: number, count: number, otherwise: number): Uint8Array {
    const { calls, outAt, memory } = this.#kernel;
    calls.numbers(kinds, this.#slot.valuesAt, first, count, form, otherwise, outAt);
    return memory.subarray(outAt, outAt + count * (form === numberLayouts.words ? 4 : 8));
  }

  wholes(first: number, count: number): Uint8Array | undefined {
    const { calls, outAt, memory } = this.#kernel;
    const { kindsAt, valuesAt } = this.#slot;
    const written = calls.wholes(kindsAt, valuesAt, first, count, outAt);
    return written < 0 ? undefined : memory.subarray(outAt, outAt + written * 8);
  }

  booleans(first: number, count: number): Uint8Array {
    const { calls, outAt, memory } = this.#kernel;
    const { kindsAt, valuesAt } = this.#slot;
    const written = calls.booleans(kindsAt, valuesAt, first, count, outAt);
    return memory.subarray(outAt, outAt + written);
  }

  textBytes(first: number, count: number): number {
    const { kindsAt, valuesAt } = this.#slot;
    return this.#kernel.calls.textBytes(kindsAt, valuesAt, first, count);
  }

  texts(first: number, count: number, dense: boolean, use: (bytes: Uint8Array) => void): void {
    this.#kernel.texts(this.#slot, first, count, dense, use);
  }

  slices(
    first: number,
    count: number,
    dense: boolean,
    use: (starts: Uint32Array, sizes: Uint32Array, elsewhere: number, bytes: number, texts: number) => void,
  ): void {
    this.#kernel.slices(this.#slot, this.#lines, first, count, dense, use);
  }
}

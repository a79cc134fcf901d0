import type { BlockKernel } from "./block.ts";
import type { BlockSlot } from "./block-slot.ts";
import { type NumberForm, SlotValues, type TextKeys } from "./slot-values.ts";

/** Most texts that a slot of constants may hold, and the longest of them in bytes. */
export const mostConstants = 15;
export const longestConstant = 254;

const noRoom = -1;
/** So many keys fit into a byte. */
const byteKeys = 0x100;
const textKind = 1;

/** Where a text lies that holds for good. */
export interface Constant {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/**
 * The values of a slot that holds nothing but texts of steps, as a column takes them: in place of a kind it has the number of its text for
 * each row, from 1 on, and no places. What is given lies in the memory of the kernel, and is void with the next call.
 */
export class ConstantValues {
  readonly kinds: Uint8Array;
  readonly numbers: Float64Array;
  readonly places: Uint32Array;
  readonly bytes: Uint8Array;
  readonly #kernel: BlockKernel;
  readonly #slot: BlockSlot;
  readonly #texts: readonly Constant[];
  /** The same rows with kinds and places, for a column that has no dictionary. */
  readonly #plain: SlotValues;
  /** By the number of a text its key and its size, a byte each. */
  readonly #keysAt: number;
  readonly #sizesAt: number;
  #keys: TextKeys | undefined;
  /** Numbers whose key is known, and those of the last `look` that is not, as bits. */
  #known = 0;
  #fresh = 0;
  #first = 0;
  lookedRows = 0;
  lookedBytes = 0;
  differed = false;

  constructor(kernel: BlockKernel, slot: BlockSlot, texts: readonly Constant[]) {
    this.#kernel = kernel;
    this.#slot = slot;
    this.#texts = texts;
    const spread = kernel.slot();
    this.#plain = new SlotValues(kernel, spread, spread, (row) => this.value(row));
    this.kinds = spread.kinds;
    this.numbers = spread.numbers;
    this.places = spread.places;
    this.bytes = kernel.memory;
    this.#keysAt = kernel.take(16);
    this.#sizesAt = kernel.take(16);
    for (const [index, { from, to }] of texts.entries())
      this.bytes[this.#sizesAt + index + 1] = to - from + 1;
  }

  value(row: number): unknown {
    return this.#texts[this.#slot.kinds[row]! - 1]?.text;
  }

  any(first: number, count: number): boolean {
    return this.#kernel.calls.any(this.#slot.kindsAt, first, count) !== 0;
  }

  look(keys: TextKeys, first: number, count: number, dense: boolean): number {
    const { calls } = this.#kernel;
    const { kindsAt } = this.#slot;
    if (this.#keys !== keys) this.#known = 0;
    this.#keys = keys;
    const fresh = calls.seen(kindsAt, first, count) & ~this.#known;
    if (dense || keys.size + mostConstants > byteKeys) {
      this.#keys = undefined;
      this.#spread(first, count);
      return noRoom;
    }
    this.#fresh = fresh;
    this.#first = first;
    this.lookedRows = count;
    this.lookedBytes = calls.weigh(kindsAt, first, count, this.#sizesAt);
    let different = 0;
    for (let left = fresh; left !== 0; left &= left - 1) different++;
    return different;
  }

  looked(): Uint8Array {
    const { calls, outAt, memory } = this.#kernel;
    for (let left = this.#fresh; left !== 0; left &= left - 1) {
      const number = 31 - Math.clz32(left & -left);
      const { from, to } = this.#texts[number - 1]!;
      memory[this.#keysAt + number] = this.#keys!.keyOf(memory, from, to);
    }
    this.#known |= this.#fresh;
    this.#fresh = 0;
    calls.mapped(this.#slot.kindsAt, this.#first, this.lookedRows, this.#keysAt, outAt);
    return memory.subarray(outAt, outAt + this.lookedRows);
  }

  /** Lays rows out as other slots have them. */
  #spread(first: number, count: number): void {
    const { kinds } = this.#slot;
    for (let row = first; row < first + count; row++) {
      const constant = this.#texts[kinds[row]! - 1];
      this.kinds[row] = constant ? textKind : 0;
      if (!constant) continue;
      this.places[row * 2] = constant.from;
      this.places[row * 2 + 1] = constant.to;
    }
  }

  #spreadFor(first: number, count: number): SlotValues {
    this.#spread(first, count);
    return this.#plain;
  }

  kindsOf(first: number, count: number): number {
    return this.#spreadFor(first, count).kindsOf(first, count);
  }

  types(first: number, count: number, low: number, high: number): Uint8Array {
    return this.#spreadFor(first, count).types(first, count, low, high);
  }

  numbersAs(form: NumberForm, first: number, count: number): Uint8Array {
    return this.#spreadFor(first, count).numbersAs(form, first, count);
  }

  times(first: number, count: number, otherwise: number): Uint8Array {
    return this.#plain.times(first, count, otherwise);
  }

  wholes(first: number, count: number): Uint8Array | undefined {
    return this.#spreadFor(first, count).wholes(first, count);
  }

  booleans(first: number, count: number): Uint8Array {
    return this.#spreadFor(first, count).booleans(first, count);
  }

  textBytes(first: number, count: number): number {
    return this.#spreadFor(first, count).textBytes(first, count);
  }

  texts(first: number, count: number, dense: boolean, use: (bytes: Uint8Array) => void): void {
    this.#spreadFor(first, count).texts(first, count, dense, use);
  }
}

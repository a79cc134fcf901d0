import { type ExportedNumber, loadKernel } from "./load.ts";
import type { NumberLayout, Words } from "./words.ts";

/** The exports of `assembly/words.ts`; places are offsets in its memory. */
interface Exports {
  readonly least: ExportedNumber;
  readonly most: ExportedNumber;
  readonly leastStep: ExportedNumber;
  readonly mostStep: ExportedNumber;
  readonly base: ExportedNumber;
  load64(layout: number, native: number, count: number, values: number): number;
  above(
    values: number,
    count: number,
    steps: number,
    from: number,
    step: number,
    low: number,
    high: number,
  ): void;
  near(layout: number, native: number, count: number, words: number): number;
  nearLeast(words: number, count: number, out: number): void;
  nearSteps(words: number, count: number, out: number): void;
  look32(words: number, count: number): void;
  widen(bytes: number, count: number, words: number): void;
  sum(words: number, count: number, table: number): number;
  lookSlices(starts: number, sizes: number, count: number): void;
  planes(words: number, count: number, from: number, planes: number, out: number): void;
}

/** More numbers than this go the plain way. */
export const mostCount = 32_768;
const slack = 64;
const lowAt = 1_024;
const highAt = lowAt + mostCount * 4 + slack;
/** Numbers as they were, then planes. */
const outAt = highAt + mostCount * 4 + slack;
/** Numbers on their way: as words where they are near to each other, else in 64 bits. */
const valuesAt = outAt + mostCount * 8 + slack;
const layouts: Record<NumberLayout, number> = { u32: 0, u64: 1, time: 2, f64: 3 };

/** Words by WebAssembly. */
export class WasmWords implements Words {
  readonly #kernel: Exports;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #values: BigInt64Array;
  #count = 0;
  #at = lowAt;
  /** Whether the numbers that were taken last are near to each other. */
  #isNear = false;
  /** The least of them, and the least step. */
  #from = 0;
  #step = 0;
  first = 0;

  /** Gives undefined where WebAssembly is not to be had. */
  static open(): WasmWords | undefined {
    const loaded = loadKernel<Exports>("words", valuesAt + mostCount * 8 + slack);
    return loaded && new WasmWords(loaded.exports, loaded.memory);
  }

  private constructor(kernel: Exports, memory: ArrayBuffer) {
    this.#kernel = kernel;
    this.#bytes = new Uint8Array(memory);
    this.#words = new Uint32Array(memory);
    this.#values = new BigInt64Array(memory, valuesAt, 1);
  }

  get least(): number {
    return this.#kernel.least.value;
  }

  get most(): number {
    return this.#kernel.most.value;
  }

  get leastStep(): number {
    return this.#kernel.leastStep.value;
  }

  get mostStep(): number {
    return this.#kernel.mostStep.value;
  }

  numbers(layout: NumberLayout, native: Uint8Array, count: number): boolean {
    const kernel = this.#kernel;
    const form = layouts[layout];
    this.#count = count;
    // Words need not be brought anywhere.
    const at = form === 0 ? valuesAt : outAt;
    this.#bytes.set(native, at);
    this.#isNear = kernel.near(form, at, count, valuesAt) !== 0;
    if (!this.#isNear) {
      if (form === 0) this.#bytes.set(native, outAt);
      if (kernel.load64(form, outAt, count, valuesAt) === 0) return false;
    }
    this.#from = this.least;
    this.#step = this.leastStep;
    this.first = this.#isNear ? kernel.base.value + this.#words[valuesAt / 4]! : Number(this.#values[0]!);
    return true;
  }

  above(): void {
    this.#at = lowAt;
    if (this.#isNear) this.#kernel.nearLeast(valuesAt, this.#count, lowAt);
    else this.#above(0, this.#from, 0);
  }

  aboveStep(): void {
    this.#at = lowAt;
    if (this.#isNear) this.#kernel.nearSteps(valuesAt, this.#count, lowAt);
    else this.#above(1, 0, this.#step);
  }

  #above(steps: number, from: number, step: number): void {
    this.#kernel.above(valuesAt, this.#count, steps, from, step, lowAt, highAt);
    this.#kernel.look32(lowAt, this.#count);
  }

  sumOf(table: Uint32Array): number {
    this.#words.set(table, outAt / 4);
    return this.#kernel.sum(this.#at, this.#count, outAt);
  }

  take(words: Uint8Array | Uint32Array): void {
    const { length } = words;
    this.#isNear = false;
    this.#count = length;
    this.#at = lowAt;
    if (words instanceof Uint32Array) this.#words.set(words, lowAt / 4);
    else {
      this.#bytes.set(words, outAt);
      this.#kernel.widen(outAt, length, lowAt);
    }
    this.#kernel.look32(lowAt, length);
  }

  slices(starts: Uint32Array, sizes: Uint32Array): void {
    this.#isNear = false;
    this.#count = starts.length;
    this.#at = lowAt;
    this.#words.set(starts, lowAt / 4);
    this.#words.set(sizes, highAt / 4);
    this.#kernel.lookSlices(lowAt, highAt, this.#count);
  }

  other(): void {
    this.#at = highAt;
    // There is no upper half.
    if (this.#isNear) this.#words.fill(0, highAt / 4, highAt / 4 + this.#count);
    this.#kernel.look32(highAt, this.#count);
  }

  planes(least: number, planes: number): Uint8Array {
    const count = this.#count;
    this.#kernel.planes(this.#at, count, least, planes, outAt);
    return this.#bytes.subarray(outAt, outAt + (planes === 0 ? (count + 1) >>> 1 : planes * count));
  }
}

import { type ExportedNumber, loadKernel } from "./load.ts";
import type { NumberLayout, Words } from "./words.ts";

/** The exports of `assembly/words.ts`; places are offsets in its memory. */
interface Exports {
  readonly least: ExportedNumber;
  readonly most: ExportedNumber;
  readonly leastStep: ExportedNumber;
  readonly mostStep: ExportedNumber;
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
  look32(words: number, count: number): void;
  widen(bytes: number, count: number, words: number): void;
  lookSlices(starts: number, sizes: number, count: number): number;
  planes(words: number, count: number, from: number, planes: number, out: number): void;
}

/** More numbers than this go the plain way. */
export const mostCount = 32_768;
const slack = 64;
const lowAt = 1_024;
const highAt = lowAt + mostCount * 4 + slack;
/** Numbers as they were, then planes. */
const outAt = highAt + mostCount * 4 + slack;
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

  /** Gives undefined where WebAssembly is not to be had. */
  static open(): WasmWords | undefined {
    const loaded = loadKernel<Exports>("words", valuesAt + mostCount * 8);
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

  get first(): number {
    return Number(this.#values[0]!);
  }

  numbers(layout: NumberLayout, native: Uint8Array, count: number): boolean {
    this.#bytes.set(native, outAt);
    this.#count = count;
    return this.#kernel.load64(layouts[layout], outAt, count, valuesAt) !== 0;
  }

  above(from: number): void {
    this.#above(0, from, 0);
  }

  aboveStep(step: number): void {
    this.#above(1, 0, step);
  }

  #above(steps: number, from: number, step: number): void {
    this.#at = lowAt;
    this.#kernel.above(valuesAt, this.#count, steps, from, step, lowAt, highAt);
    this.#kernel.look32(lowAt, this.#count);
  }

  take(words: Uint8Array | Uint32Array): void {
    const { length } = words;
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
    this.#count = starts.length;
    this.#at = lowAt;
    this.#words.set(starts, lowAt / 4);
    this.#words.set(sizes, highAt / 4);
    this.#kernel.lookSlices(lowAt, highAt, this.#count);
  }

  other(): void {
    this.#at = highAt;
    this.#kernel.look32(highAt, this.#count);
  }

  planes(least: number, planes: number): Uint8Array {
    const count = this.#count;
    this.#kernel.planes(this.#at, count, least, planes, outAt);
    return this.#bytes.subarray(outAt, outAt + (planes === 0 ? (count + 1) >>> 1 : planes * count));
  }
}

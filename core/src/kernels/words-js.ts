import type { NumberLayout, Words } from "./words.ts";

const upper = 0x1_0000_0000;
const mostSafe = Number.MAX_SAFE_INTEGER;

/** The plain twin of `assembly/words.ts`. */
export class PlainWords implements Words {
  least = 0;
  most = 0;
  leastStep = 0;
  mostStep = 0;
  #values = new Float64Array(0);
  #words = new Uint32Array(0);
  #other = new Uint32Array(0);

  get first(): number {
    return this.#values[0]!;
  }

  numbers(layout: NumberLayout, native: Uint8Array, count: number): boolean {
    const view = new DataView(native.buffer, native.byteOffset, native.length);
    const values = new Float64Array(count);
    this.#values = values;
    let isSound = true;
    for (let i = 0; i < count; i++) {
      if (layout === "u32") values[i] = view.getUint32(i * 4, true);
      else if (layout === "f64") values[i] = view.getFloat64(i * 8, true);
      else values[i] = view.getInt32(i * 8 + 4, true) * upper + view.getUint32(i * 8, true);
      const value = values[i]!;
      if (!Number.isSafeInteger(value) || Object.is(value, -0) || (layout === "u64" && value < 0))
        isSound = false;
    }
    this.least = Number.POSITIVE_INFINITY;
    this.most = Number.NEGATIVE_INFINITY;
    this.leastStep = Number.POSITIVE_INFINITY;
    this.mostStep = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const value = values[i]!;
      this.least = Math.min(this.least, value);
      this.most = Math.max(this.most, value);
      if (i === 0) continue;
      this.leastStep = Math.min(this.leastStep, value - values[i - 1]!);
      this.mostStep = Math.max(this.mostStep, value - values[i - 1]!);
    }
    return isSound && Math.abs(this.least) <= mostSafe && Math.abs(this.most) <= mostSafe;
  }

  above(): void {
    const from = this.#values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
    this.#halves(this.#values.map((value) => value - from));
  }

  aboveStep(): void {
    const values = this.#values;
    const step = this.leastStep;
    this.#halves(values.map((value, i) => (i === 0 ? 0 : value - values[i - 1]! - step)));
  }

  #halves(far: Float64Array): void {
    this.#words = Uint32Array.from(far, (value) => value % upper);
    this.#other = Uint32Array.from(far, (value) => Math.floor(value / upper));
    this.#look();
  }

  take(words: Uint8Array | Uint32Array): void {
    this.#words = Uint32Array.from(words);
    this.#look();
  }

  #look(): void {
    this.least = this.#words.reduce((least, word) => Math.min(least, word), upper - 1);
    if (this.#words.length === 0) this.least = 0;
    this.most = this.#words.reduce((most, word) => Math.max(most, word), 0);
  }

  sumOf(table: Uint32Array): number {
    return this.#words.reduce((sum, word) => sum + table[word]!, 0);
  }

  slices(starts: Uint32Array, sizes: Uint32Array): void {
    this.#words = starts.filter((_, i) => sizes[i] !== 0);
    this.#look();
    this.#words = starts.map((start, i) => (sizes[i] === 0 ? this.least : start));
    this.#other = sizes.slice();
  }

  other(): void {
    this.#words = this.#other;
    this.#look();
  }

  planes(least: number, planes: number): Uint8Array {
    const far = this.#words.map((word) => word - least);
    const { length } = far;
    if (planes === 0)
      return Uint8Array.from(
        { length: (length + 1) >>> 1 },
        (_, i) => far[i * 2]! | ((far[i * 2 + 1] ?? 0) << 4),
      );
    return Uint8Array.from({ length: length * planes }, (_, at) => {
      const plane = Math.floor(at / length);
      return far[at - plane * length]! >>> (plane * 8);
    });
  }
}

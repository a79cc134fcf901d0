import type { BlockSlot } from "../../../kernels/index.ts";
import type { RowStep } from "./row-step.ts";
import { separatedSlots } from "./separated.ts";
import { type BlockSpace, kind } from "./space.ts";

/** The options of a `csv` that matter here. */
export interface CsvOptions {
  readonly separator: string;
  readonly headers: readonly string[];
}

const quote = 34;
const newLine = 10;
const back = 13;

/** Splits lines of separated values by their bytes. Lines with a quoted column or a line's end inside go to `other`. */
export class CsvRows {
  readonly #space: BlockSpace;
  readonly #separator: number;
  readonly #slots: readonly (BlockSlot | undefined)[];

  /** Undefined for options of other forms. */
  static of(space: BlockSpace, { separator, headers }: CsvOptions): CsvRows | undefined {
    const slots = separatedSlots(space, separator, headers);
    return slots && new CsvRows(space, separator, slots);
  }

  private constructor(space: BlockSpace, separator: string, slots: readonly (BlockSlot | undefined)[]) {
    this.#space = space;
    this.#separator = separator.charCodeAt(0);
    this.#slots = slots;
  }

  /** Runs for the rows of a mask. */
  run(source: BlockSlot, other: RowStep, mask: number, missed: number): void {
    const { memory } = this.#space.kernel;
    const { kinds, places } = source;
    for (let row = 0; row < this.#space.count; row++) {
      memory[missed + row] = 0;
      if (memory[mask + row] === 0) continue;
      const from = places[row * 2]!;
      const to = places[row * 2 + 1]!;
      if (kinds[row] === kind.text && this.#isPlain(from, to)) this.#line(row, from, to);
      else other.one(row, missed);
    }
  }

  #isPlain(from: number, to: number): boolean {
    const bytes = this.#space.kernel.memory;
    let start = true;
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === newLine || (start && byte === quote)) return false;
      start = byte === this.#separator;
    }
    return true;
  }

  #line(row: number, from: number, to: number): void {
    const bytes = this.#space.kernel.memory;
    const separator = this.#separator;
    let at = from;
    for (const slot of this.#slots) {
      let end = at;
      while (end < to && bytes[end] !== separator) end++;
      const isLast = end === to;
      if (slot) {
        const stop = isLast && end > at && bytes[end - 1] === back ? end - 1 : end;
        slot.kinds[row] = kind.text;
        slot.places[row * 2] = at;
        slot.places[row * 2 + 1] = stop;
      }
      if (isLast) return;
      at = end + 1;
    }
  }
}

import type { BlockSlot } from "../../../kernels/index.ts";
import type { RowStep } from "./row-step.ts";
import { separatedSlots } from "./separated.ts";
import { type BlockSpace, kind } from "./space.ts";

/** The options of a `split` that matter here. */
export interface SplitOptions {
  readonly separator: string;
  readonly fields?: readonly string[] | undefined;
}

/** White space that may stand in a line of a block. */
const isSpace = (byte: number): boolean => byte === 32 || (byte > 8 && byte < 14);

/** Splits texts into fields by their bytes. */
export class SplitRows {
  readonly #space: BlockSpace;
  readonly #separator: number;
  readonly #slots: readonly (BlockSlot | undefined)[];

  /** Undefined for options of other forms: a list, or more than one character between two items. */
  static of(space: BlockSpace, { separator, fields }: SplitOptions): SplitRows | undefined {
    const slots = fields && separatedSlots(space, separator, fields);
    return slots && new SplitRows(space, separator, slots);
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
      if (kinds[row] === kind.text) this.#line(row, places[row * 2]!, places[row * 2 + 1]!);
      else other.one(row, missed);
    }
  }

  #line(row: number, from: number, to: number): void {
    const bytes = this.#space.kernel.memory;
    const last = this.#slots.length - 1;
    let at = from;
    for (let index = 0; index <= last; index++) {
      let end = at;
      if (index === last) end = to;
      else while (end < to && bytes[end] !== this.#separator) end++;
      const slot = this.#slots[index];
      if (slot) this.#put(slot, row, at, end);
      if (end === to) return;
      at = end + 1;
    }
  }

  #put({ kinds, places }: BlockSlot, row: number, from: number, to: number): void {
    const bytes = this.#space.kernel.memory;
    let start = from;
    let end = to;
    while (start < end && isSpace(bytes[start]!)) start++;
    while (end > start && isSpace(bytes[end - 1]!)) end--;
    if (start === end) return;
    kinds[row] = kind.text;
    places[row * 2] = start;
    places[row * 2 + 1] = end;
  }
}

/** Numbers of a row of a table that begins with the two halves of a hash: 64 bytes, what one event touches of it lies together. */
export const rowInts = 16;
export const rowFloats = 8;
const highHash = 1;

/** Finds rows of a table by the 64 bits of the hash that each begins with; by open addressing, so a look is one place or two beside each other. */
export class RowIndex {
  /** Rows, +1; 0 is free. A power of two, at least twice the rows. */
  #slots = new Int32Array(512);

  /** The row of a hash; -1 where there is none. */
  find(ints: Int32Array, low: number, high: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = low & mask; ; at = (at + 1) & mask) {
      const row = slots[at]! - 1;
      if (row < 0) return -1;
      if (ints[row * rowInts] === low && ints[row * rowInts + highHash] === high) return row;
    }
  }

  enter(ints: Int32Array, row: number): void {
    const mask = this.#slots.length - 1;
    let at = ints[row * rowInts]! & mask;
    while (this.#slots[at] !== 0) at = (at + 1) & mask;
    this.#slots[at] = row + 1;
  }

  /** Takes a row out; those behind it move up, so that no gap hides them. */
  leave(ints: Int32Array, row: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let gap = ints[row * rowInts]! & mask;
    while (slots[gap] !== row + 1) gap = (gap + 1) & mask;
    for (let at = (gap + 1) & mask; slots[at] !== 0; at = (at + 1) & mask) {
      const home = ints[(slots[at]! - 1) * rowInts]! & mask;
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      slots[gap] = slots[at]!;
      gap = at;
    }
    slots[gap] = 0;
  }

  /** Makes room for so many rows; where that moves them, `rows` gives all that are in it. */
  grow(count: number, ints: Int32Array, rows: () => Iterable<number>): void {
    if (count * 2 <= this.#slots.length) return;
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (const row of rows()) this.enter(ints, row);
  }
}

import { giveMemory, takeMemory } from "./memory.ts";

/** Keys up to this one take a byte each. */
const mostByte = 0xff;

/** The key of each row of a column, 0 where nothing was set: a byte each until there is a larger one, then 32 bits. */
export class KeyIndex {
  #memory = takeMemory(4_096).fill(0);
  #keys: Uint8Array | Uint32Array = this.#memory;
  /** Rows from here on were not set. */
  #rows = 0;

  /** Bytes a key. */
  get #width(): 1 | 4 {
    return this.#keys === this.#memory ? 1 : 4;
  }

  /** Makes room for some rows of keys up to `most`. */
  #room(rows: number, most: number): void {
    const width = most > mostByte ? 4 : this.#width;
    if (rows <= this.#keys.length && width === this.#width) return;
    const memory = takeMemory(Math.max(rows * width, width === this.#width ? this.#memory.length * 2 : 0));
    const keys = width === 1 ? memory : new Uint32Array(memory.buffer);
    keys.set(this.#keys.subarray(0, this.#rows));
    keys.fill(0, this.#rows);
    giveMemory(this.#memory);
    this.#memory = memory;
    this.#keys = keys;
  }

  set(row: number, key: number): void {
    if (row >= this.#keys.length || key > mostByte) this.#room(Math.max(row + 1, this.#rows), key);
    this.#keys[row] = key;
    if (row >= this.#rows) this.#rows = row + 1;
  }

  /** Sets rows from one on, to keys up to `most`. */
  setAll(row: number, keys: Uint8Array | Uint32Array, most: number): void {
    const end = row + keys.length;
    this.#room(end, most);
    this.#keys.set(keys, row);
    if (end > this.#rows) this.#rows = end;
  }

  fill(row: number, count: number, key: number): void {
    const end = row + count;
    this.#room(end, key);
    this.#keys.fill(key, row, end);
    if (end > this.#rows) this.#rows = end;
  }

  /** The keys of rows up to, not including, this one. A view: valid until the next call. */
  upTo(rows: number): Uint8Array | Uint32Array {
    this.#room(rows, 0);
    return this.#keys.subarray(0, rows);
  }

  /** Gives the memory back. Called once, last. */
  release(): void {
    giveMemory(this.#memory);
  }
}

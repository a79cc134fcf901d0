import { giveMemory, takeMemory } from "./memory.ts";

/** Keys up to this one take a byte each. */
const mostByte = 0xff;

/** The key of each row of a column, 0 where nothing was set: a byte each until there is a larger one, then 32 bits. */
export class KeyIndex {
  #memory: Buffer;
  #keys: Uint8Array | Uint32Array;
  /** Rows from here on were not set, and may have any key. */
  #rows = 0;

  /** For about so many rows. */
  constructor(rows: number) {
    this.#memory = takeMemory(rows);
    this.#keys = this.#memory;
  }

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
    giveMemory(this.#memory);
    this.#memory = memory;
    this.#keys = keys;
  }

  set(row: number, key: number): void {
    if (row >= this.#keys.length || key > mostByte) this.#room(Math.max(row + 1, this.#rows), key);
    if (row > this.#rows) this.#keys.fill(0, this.#rows, row);
    this.#keys[row] = key;
    if (row >= this.#rows) this.#rows = row + 1;
  }

  /** Makes room up to `end` for rows from one on, with keys up to `most`; rows before it that were not set have none. */
  #to(row: number, end: number, most: number): void {
    this.#room(Math.max(end, this.#rows), most);
    if (row > this.#rows) this.#keys.fill(0, this.#rows, row);
    if (end > this.#rows) this.#rows = end;
  }

  /** Sets rows from one on, to keys up to `most`. */
  setAll(row: number, keys: Uint8Array | Uint32Array, most: number): void {
    this.#to(row, row + keys.length, most);
    this.#keys.set(keys, row);
  }

  fill(row: number, count: number, key: number): void {
    this.#to(row, row + count, key);
    this.#keys.fill(key, row, row + count);
  }

  /** The keys of rows up to, not including, this one. A view: valid until the next call. */
  upTo(rows: number): Uint8Array | Uint32Array {
    if (rows > this.#rows) this.#to(rows, rows, 0);
    return this.#keys.subarray(0, rows);
  }

  /** Gives the memory back. Called once, last. */
  release(): void {
    giveMemory(this.#memory);
  }
}

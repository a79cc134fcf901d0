import type { ByteWriter } from "./bytes.ts";
import { giveMemory, takeMemory } from "./memory.ts";

/** Node's own writing call, twice as fast as `write`; it is missing from its types. */
type Writable = Buffer & { utf8Write(text: string, at: number): number };

/** Lengths that take one byte in front of a text. */
const shortest = 0x80;
/** Texts that are written in one call: a call costs more than the text. */
const atOnce = 64;
/** Longer slices are copied by a call, shorter ones byte by byte. */
const longSlice = 96;
const nothing = Buffer.alloc(0) as Writable;
const none: string[] = [];
/** Holds the place of a length between two texts. */
const place = "\0";

/** Texts one behind the other, each behind its length: the bytes of a ClickHouse String column. */
export class Strings {
  readonly #expected: number;
  #bytes = nothing;
  #length = 0;
  /** Short texts that are not written yet; made when the first comes. */
  #pending = none;
  #count = 0;
  /** Their size, as far as they are ASCII. */
  #pendingBytes = 0;

  /** With `bytes` expected, memory for them is taken when the first come. */
  constructor(bytes = 0) {
    this.#expected = bytes;
  }

  /** Size so far in bytes. */
  get size(): number {
    return this.#length + this.#pendingBytes;
  }

  add(text: string): void {
    const { length } = text;
    if (length >= shortest) {
      this.#flush();
      this.#write(text);
      return;
    }
    if (this.#pending === none) this.#pending = new Array<string>(atOnce).fill("");
    this.#pending[this.#count++] = text;
    this.#pendingBytes += length + 1;
    if (this.#count === atOnce) this.#flush();
  }

  /** Adds a text that lies in `bytes` as UTF-8. */
  slice(bytes: Uint8Array, from: number, to: number): void {
    if (this.#count > 0) this.#flush();
    const size = to - from;
    this.#room(size + 5);
    const own = this.#bytes;
    let at = this.#length;
    let rest = size;
    for (; rest >= 0x80; rest >>>= 7) own[at++] = (rest & 0x7f) | 0x80;
    own[at++] = rest;
    if (size > longSlice) own.set(bytes.subarray(from, to), at);
    else for (let i = 0; i < size; i++) own[at + i] = bytes[from + i]!;
    this.#length = at + size;
  }

  /** Adds empty texts. */
  skip(count: number): void {
    if (count <= 0) return;
    this.#flush();
    this.#room(count);
    this.#bytes.fill(0, this.#length, this.#length + count);
    this.#length += count;
  }

  /** Adds texts that are laid out already. */
  raw(bytes: Uint8Array): void {
    this.#flush();
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Hands on whole pieces of so many bytes, or all where that is less, and goes on behind them. Gives their bytes. */
  drain(piece: number, use: (bytes: Uint8Array) => void): number {
    this.#flush();
    const taken = this.#length < piece ? this.#length : this.#length - (this.#length % piece);
    use(this.#bytes.subarray(0, taken));
    this.#bytes.copyWithin(0, taken, this.#length);
    this.#length -= taken;
    return taken;
  }

  /** Writes all of it and gives the memory back. Called once, last. */
  finish(out: ByteWriter): void {
    this.#flush();
    out.raw(this.#bytes.subarray(0, this.#length));
    this.release();
  }

  release(): void {
    giveMemory(this.#bytes);
    this.#bytes = nothing;
    this.#length = 0;
  }

  #flush(): void {
    const count = this.#count;
    if (count === 0) return;
    const texts = count === atOnce ? this.#pending : this.#pending.slice(0, count);
    const bytes = this.#pendingBytes;
    this.#count = 0;
    this.#pendingBytes = 0;
    this.#room(bytes * 3);
    const written = this.#bytes.utf8Write(texts.join(place), this.#length + 1);
    if (written + 1 !== bytes) {
      // Not all ASCII: each text is written behind its own length.
      for (const text of texts) this.#write(text);
      return;
    }
    let at = this.#length;
    for (let i = 0; i < count; i++) {
      const { length } = texts[i]!;
      this.#bytes[at] = length;
      at += length + 1;
    }
    this.#length = at;
  }

  #write(text: string): void {
    const size = Buffer.byteLength(text);
    this.#room(size + 5);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let rest = size; ; rest >>>= 7) {
      bytes[at++] = rest < 0x80 ? rest : (rest & 0x7f) | 0x80;
      if (rest < 0x80) break;
    }
    this.#length = at + bytes.utf8Write(text, at);
  }

  #room(extra: number): void {
    const needed = this.#length + extra;
    if (needed <= this.#bytes.length) return;
    const grown = takeMemory(Math.max(needed, this.#bytes.length * 2, this.#expected)) as Writable;
    this.#bytes.copy(grown, 0, 0, this.#length);
    giveMemory(this.#bytes);
    this.#bytes = grown;
  }
}

import type { ByteWriter } from "./bytes.ts";
import { giveMemory, takeMemory } from "./memory.ts";

/** Node's own writing call, twice as fast as `write`; it is missing from its types. */
type Writable = Buffer & { utf8Write(text: string, at: number): number };

/** Lengths that take one byte in front of a text. */
const shortest = 0x80;
/** Texts that are written in one call: a call costs more than the text. */
const atOnce = 64;
const nothing = Buffer.alloc(0) as Writable;
/** A length as the character that UTF-8 writes as this byte. */
const lengths = Array.from({ length: shortest }, (_, size) => String.fromCharCode(size));

/** Texts one behind the other, each behind its length: the bytes of a ClickHouse String column. */
export class Strings {
  #bytes = nothing;
  #length = 0;
  /** Short texts with their lengths that are not written yet; right as it stands where all of them are ASCII. */
  #pending = "";
  readonly #texts: string[] = [];

  /** Size so far in bytes. */
  get size(): number {
    return this.#length + this.#pending.length;
  }

  add(text: string): void {
    const { length } = text;
    if (length >= shortest) {
      this.#flush();
      this.#write(text);
      return;
    }
    this.#pending += lengths[length]! + text;
    if (this.#texts.push(text) >= atOnce) this.#flush();
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

  /** Writes all of it and gives the memory back. Called once, last. */
  finish(out: ByteWriter): void {
    this.#flush();
    out.raw(this.#bytes.subarray(0, this.#length));
    giveMemory(this.#bytes);
    this.#bytes = nothing;
    this.#length = 0;
  }

  #flush(): void {
    if (this.#texts.length === 0) return;
    const pending = this.#pending;
    this.#room(pending.length * 3);
    const written = this.#bytes.utf8Write(pending, this.#length);
    // As many bytes as characters: all ASCII, and every length was right. Else each text is written with its own.
    if (written === pending.length) this.#length += written;
    else for (const text of this.#texts) this.#write(text);
    this.#pending = "";
    this.#texts.length = 0;
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
    const grown = takeMemory(Math.max(needed, this.#bytes.length * 2)) as Writable;
    this.#bytes.copy(grown, 0, 0, this.#length);
    giveMemory(this.#bytes);
    this.#bytes = grown;
  }
}

/** Bytes that are put behind each other, and whole numbers in LEB128 among them, as WebAssembly has them. */
export class Bytes {
  #bytes = new Uint8Array(256);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** What is there, void with what is put behind it. */
  get all(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#size);
  }

  /** Takes back what lies behind a size from before. */
  cut(size: number): void {
    this.#size = size;
  }

  u8(value: number): void {
    if (this.#size === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#size++] = value;
  }

  unsigned(value: number): void {
    let left = value;
    for (; left > 127; left = Math.floor(left / 128)) this.u8((left & 127) | 128);
    this.u8(left);
  }

  /** A number of 32 bits. */
  i32(value: number): void {
    let left = value | 0;
    for (; left < -64 || left > 63; left >>= 7) this.u8((left & 127) | 128);
    this.u8(left & 127);
  }

  /** A number of 64 bits. */
  i64(value: bigint): void {
    let left = BigInt.asIntN(64, value);
    for (; left < -64n || left > 63n; left >>= 7n) this.u8(Number(left & 127n) | 128);
    this.u8(Number(left & 127n));
  }

  raw(bytes: Uint8Array): void {
    if (this.#size + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  /** A text of ASCII behind its length. */
  text(value: string): void {
    this.unsigned(value.length);
    for (let at = 0; at < value.length; at++) this.u8(value.charCodeAt(at));
  }

  #grow(more: number): void {
    const bytes = new Uint8Array(2 * (this.#size + more));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

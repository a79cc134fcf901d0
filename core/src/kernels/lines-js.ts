import { type Lines, rowCapacity, rowWords } from "./lines.ts";

const newline = 10;
const carriageReturn = 13;

/** The plain twin of `WasmLines`. */
export class PlainLines implements Lines {
  readonly buffer: Buffer;
  readonly rows = new Uint32Array(rowCapacity * rowWords);
  begin = 0;
  consumed = 0;
  longest = 0;
  #out = Buffer.allocUnsafe(0);

  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(bytes);
  }

  split(from: number, to: number): number {
    const { buffer, rows } = this;
    this.begin = from;
    this.longest = 0;
    let count = 0;
    let start = from;
    while (start < to && count < rowCapacity) {
      const end = buffer.indexOf(newline, start);
      let first = start;
      while (first < end && buffer[first] === 0) first++;
      let last = end;
      if (last > first && buffer[last - 1] === carriageReturn) last--;
      if (last > first) {
        const row = count++ * rowWords;
        rows[row] = start - from;
        rows[row + 1] = first - from;
        rows[row + 2] = last - from;
        rows[row + 3] = end + 1 - from;
        this.longest = Math.max(this.longest, last - first);
      }
      start = end + 1;
    }
    this.consumed = start - from;
    return count;
  }

  texts(first: number, count: number, use: (bytes: Uint8Array) => void): void {
    const { buffer, rows } = this;
    let size = 0;
    for (let row = first * rowWords; row < (first + count) * rowWords; row += rowWords) {
      size += rows[row + 2]! - rows[row + 1]! + 5;
    }
    const out = this.#room(size);
    let at = 0;
    for (let row = first * rowWords; row < (first + count) * rowWords; row += rowWords) {
      const from = rows[row + 1]!;
      const to = rows[row + 2]!;
      let rest = to - from;
      for (; rest >= 0x80; rest >>>= 7) out[at++] = (rest & 0x7f) | 0x80;
      out[at++] = rest;
      at += buffer.copy(out, at, this.begin + from, this.begin + to);
    }
    use(out.subarray(0, at));
  }

  #room(bytes: number): Buffer {
    if (this.#out.length < bytes) this.#out = Buffer.allocUnsafeSlow(bytes);
    return this.#out;
  }
}

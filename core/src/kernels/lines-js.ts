import { isAscii } from "node:buffer";
import { type Lines, rowCapacity, rowWords } from "./lines.ts";
import { packed } from "./open-pack.ts";
import { pieceBytes } from "./pack.ts";

const newline = 10;
const carriageReturn = 13;

/** The plain twin of `WasmLines`. */
export class PlainLines implements Lines {
  readonly buffer: Buffer;
  readonly rows = new Uint32Array(rowCapacity * rowWords);
  begin = 0;
  consumed = 0;
  longest = 0;
  passed = 0;
  ascii = true;
  stringBytes = 0;
  #out = Buffer.allocUnsafe(0);

  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(bytes);
  }

  split(from: number, to: number): number {
    const { buffer, rows } = this;
    this.begin = from;
    this.longest = 0;
    this.passed = 0;
    let count = 0;
    let start = from;
    for (let line = 0; start < to && line < rowCapacity; line++) {
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
      } else this.passed += end + 1 - start;
      start = end + 1;
    }
    this.consumed = start - from;
    // As its twin, which looks at 64 bytes at once.
    const stop = Math.min(to, from + Math.ceil(this.consumed / 64) * 64);
    this.ascii = isAscii(buffer.subarray(from, stop));
    return count;
  }

  isDense(first: number, count: number): boolean {
    const { rows } = this;
    let dense = true;
    this.stringBytes = 0;
    for (let row = first; row < first + count; row++) {
      const at = row * rowWords;
      const size = rows[at + 2]! - rows[at + 1]!;
      this.stringBytes += size + 1;
      for (let rest = size; rest >= 0x80; rest >>>= 7) this.stringBytes++;
      if (rows[at + 3] !== rows[at + 2]! + 1) dense = false;
      if (row > first && rows[at + 1] !== rows[at - 1]) dense = false;
    }
    return dense;
  }

  blocks(first: number, count: number, mark: number, use: (blocks: Uint8Array) => void): void {
    const { buffer, begin, rows } = this;
    const endOf = (row: number): number => rows[row * rowWords + 2]! + 1;
    const end = first + count;
    for (let row = first, from = rows[first * rowWords + 1]!; row < end; ) {
      const rest = endOf(end - 1) - from;
      const most = from + Math.ceil(rest / Math.ceil(rest / pieceBytes));
      row++;
      while (row < end && endOf(row) <= most) row++;
      const piece = buffer.subarray(begin + from, begin + endOf(row - 1));
      const block = packed(piece);
      const kept = block.length < piece.length ? block : piece;
      const head = Buffer.allocUnsafe(8);
      head.writeUInt32LE(piece.length + mark, 0);
      head.writeUInt32LE(kept.length, 4);
      use(Buffer.concat([head, kept]));
      from += piece.length;
    }
  }

  pieces(first: number, count: number, use: (bytes: Uint8Array) => void): void {
    const { buffer, begin, rows } = this;
    let size = 0;
    const put = (): void => {
      if (size > 0) use(this.#out.subarray(0, size));
      size = 0;
    };
    for (let row = first; row < first + count; row++) {
      const [from, to] = [rows[row * rowWords + 1]!, rows[row * rowWords + 2]!];
      if (size + to - from + 1 > pieceBytes) put();
      const end = size + to - from;
      if (end >= this.#out.length) this.#grow(end + 1);
      buffer.copy(this.#out, size, begin + from, begin + to);
      this.#out[end] = newline;
      size = end + 1;
    }
    put();
  }

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(bytes, pieceBytes));
    this.#out.copy(grown);
    this.#out = grown;
  }
}

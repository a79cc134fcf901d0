import { type Lines, rowCapacity, rowWords } from "./lines.ts";
import { type ExportedNumber, loadKernel } from "./load.ts";

/** The exports of `assembly/lines.ts`; places are offsets in its memory. */
interface Exports {
  readonly consumed: ExportedNumber;
  readonly longest: ExportedNumber;
  readonly written: ExportedNumber;
  split(begin: number, end: number, rows: number, capacity: number): number;
  texts(begin: number, rows: number, count: number, out: number, room: number): number;
}

/** Where the parts lie in the kernel's memory, in bytes. Behind each are the few bytes that vector instructions may overrun. */
const slack = 64;
const rowsAt = 1_024;
const outAt = rowsAt + rowCapacity * rowWords * 4;
/** Small enough to stay in a core's cache between the kernel and the copy into a column. */
const outBytes = 64 << 10;
const bufferAt = outAt + outBytes + slack;

/** Lines by WebAssembly with vector instructions. */
export class WasmLines implements Lines {
  readonly buffer: Buffer;
  readonly rows: Uint32Array;
  begin = 0;
  consumed = 0;
  longest = 0;
  readonly #kernel: Exports;
  readonly #memory: Buffer;

  /** Gives undefined where WebAssembly is not to be had. */
  static open(bytes: number): WasmLines | undefined {
    const loaded = loadKernel<Exports>("lines", bufferAt + bytes + slack);
    return loaded && new WasmLines(loaded.exports, loaded.memory, bytes);
  }

  private constructor(kernel: Exports, memory: ArrayBuffer, bytes: number) {
    this.#kernel = kernel;
    this.#memory = Buffer.from(memory);
    this.buffer = Buffer.from(memory, bufferAt, bytes);
    this.rows = new Uint32Array(memory, rowsAt, rowCapacity * rowWords);
  }

  split(from: number, to: number): number {
    this.begin = from;
    const count = this.#kernel.split(bufferAt + from, bufferAt + to, rowsAt, rowCapacity);
    this.consumed = this.#kernel.consumed.value;
    this.longest = this.#kernel.longest.value;
    return count;
  }

  texts(first: number, count: number, use: (bytes: Uint8Array) => void): void {
    for (let row = first, end = first + count; row < end; ) {
      const done = this.#kernel.texts(bufferAt + this.begin, rowAt(row), end - row, outAt, outBytes);
      const written = this.#kernel.written.value;
      if (written > 0) use(this.#memory.subarray(outAt, outAt + written));
      row += done;
      if (done === 0) this.#longText(row++, use);
    }
  }

  /** A text that is larger than the place for several goes straight from the buffer. */
  #longText(row: number, use: (bytes: Uint8Array) => void): void {
    const from = this.rows[row * rowWords + 1]!;
    const to = this.rows[row * rowWords + 2]!;
    const length: number[] = [];
    let rest = to - from;
    for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
    use(Uint8Array.from([...length, rest]));
    use(this.buffer.subarray(this.begin + from, this.begin + to));
  }
}

const rowAt = (row: number): number => rowsAt + row * rowWords * 4;

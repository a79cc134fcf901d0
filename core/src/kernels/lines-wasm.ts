import { type Lines, rowCapacity, rowWords } from "./lines.ts";
import { type ExportedNumber, type LoadedKernel, loadKernel } from "./load.ts";
import { packsIn } from "./open-pack.ts";
import { pieceBytes } from "./pack.ts";
import { inPlaceBytes, type RowPacker, rowPacker } from "./pack-wasm.ts";

/** The exports of `assembly/lines.ts`; places are offsets in its memory. */
interface Exports {
  readonly consumed: ExportedNumber;
  readonly longest: ExportedNumber;
  readonly passed: ExportedNumber;
  readonly ascii: ExportedNumber;
  readonly stringBytes: ExportedNumber;
  readonly written: ExportedNumber;
  split(begin: number, end: number, rows: number, capacity: number): number;
  isDense(rows: number, count: number): number;
  texts(begin: number, rows: number, count: number, out: number, room: number): number;
}

/** Where the parts lie in the kernel's memory, in bytes. Behind each are the few bytes that vector instructions may overrun. */
const newline = 10;
const slack = 64;
const rowsAt = 1_024;
const outAt = rowsAt + rowCapacity * rowWords * 4;
const packAt = outAt + pieceBytes + slack;
const bufferAt = packAt + inPlaceBytes + slack;

/** Lines by WebAssembly with vector instructions. */
export class WasmLines implements Lines {
  readonly buffer: Buffer;
  readonly rows: Uint32Array;
  begin = 0;
  consumed = 0;
  longest = 0;
  passed = 0;
  ascii = true;
  stringBytes = 0;
  readonly #kernel: Exports;
  readonly #memory: Buffer;
  readonly #packer: RowPacker;

  /** Gives undefined where WebAssembly is not to be had. */
  static open(bytes: number): WasmLines | undefined {
    const loaded = loadKernel<Exports>("lines", bufferAt + bytes + slack);
    const packer = loaded && rowPacker(loaded, packAt);
    return packer && new WasmLines(loaded, packer, bytes);
  }

  private constructor({ exports, memory }: LoadedKernel<Exports>, packer: RowPacker, bytes: number) {
    this.#kernel = exports;
    this.#memory = Buffer.from(memory);
    this.#packer = packer;
    packsIn(memory, packer);
    this.buffer = Buffer.from(memory, bufferAt, bytes);
    this.rows = new Uint32Array(memory, rowsAt, rowCapacity * rowWords);
  }

  split(from: number, to: number): number {
    this.begin = from;
    const count = this.#kernel.split(bufferAt + from, bufferAt + to, rowsAt, rowCapacity);
    this.consumed = this.#kernel.consumed.value;
    this.longest = this.#kernel.longest.value;
    this.passed = this.#kernel.passed.value;
    this.ascii = this.#kernel.ascii.value === 1;
    return count;
  }

  isDense(first: number, count: number): boolean {
    const dense = this.#kernel.isDense(rowAt(first), count) === 1;
    this.stringBytes = this.#kernel.stringBytes.value;
    return dense;
  }

  blocks(first: number, count: number, mark: number, use: (blocks: Uint8Array) => void): void {
    this.#packer.packRows(bufferAt + this.begin, rowAt(first), count, mark, use);
  }

  pieces(first: number, count: number, use: (bytes: Uint8Array) => void): void {
    for (let row = first, end = first + count; row < end; ) {
      const done = this.#kernel.texts(bufferAt + this.begin, rowAt(row), end - row, outAt, pieceBytes);
      if (done > 0) use(this.#memory.subarray(outAt, outAt + this.#kernel.written.value));
      else {
        const text = row * rowWords + 1;
        const from = this.begin + this.rows[text]!;
        const bytes = Buffer.from(this.buffer.subarray(from, this.begin + this.rows[text + 1]! + 1));
        bytes[bytes.length - 1] = newline;
        use(bytes);
      }
      row += done || 1;
    }
  }
}

const rowAt = (row: number): number => rowsAt + row * rowWords * 4;

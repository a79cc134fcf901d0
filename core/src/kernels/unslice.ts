import { type ExportedNumber, loadKernel } from "./load.ts";

/** The exports of `assembly/unslice.ts`; places are offsets in its memory. */
interface Exports {
  readonly written: ExportedNumber;
  bounds(bytes: number, size: number, count: number, out: number): number;
  words(data: number, width: number, least: number, count: number, out: number): void;
  texts(
    lines: number,
    bounds: number,
    rows: number,
    starts: number,
    sizes: number,
    first: number,
    count: number,
    out: number,
    room: number,
  ): number;
  ids(
    bounds: number,
    row: number,
    count: number,
    prefix: number,
    place: bigint,
    gap: number,
    out: number,
  ): bigint;
}

const slack = 64;
const outBytes = 64 << 10;
/** Rows of a batch, and bytes of their lines, that are worked on here: a usual batch and more. */
const mostRows = 32 << 10;
const mostBytes = 5 << 20;
const prefixAt = 1_024;
const outAt = prefixAt + slack;
const boundsAt = outAt + outBytes + slack;
const rowsAt = boundsAt + mostRows * 8;
const startsAt = rowsAt + mostRows * 4;
const sizesAt = startsAt + mostRows * 4;
const dataAt = sizesAt + mostRows * 4;
const linesAt = dataAt + mostRows * 4 + slack;
const idBytes = 33;
const idsAtOnce = Math.floor(outBytes / idBytes);

/** Small words as they were written: see `../batch/small-words.ts`. */
export interface WordData {
  /** Planes of bytes; 0 where each is half a byte. */
  readonly planes: number;
  readonly least: number;
  readonly data: Uint8Array;
}

/** Makes columns from the lines of a batch, by WebAssembly. What a call hands on is void with the next one. */
export class UnsliceKernel {
  readonly #kernel: Exports;
  readonly #memory: Uint8Array;
  readonly #words: Uint32Array;
  #rows = 0;

  /** Undefined where WebAssembly is not to be had. */
  static open(): UnsliceKernel | undefined {
    const loaded = loadKernel<Exports>("unslice", linesAt + mostBytes + slack);
    return loaded && new UnsliceKernel(loaded.exports, loaded.memory);
  }

  private constructor(kernel: Exports, memory: ArrayBuffer) {
    this.#kernel = kernel;
    this.#memory = new Uint8Array(memory);
    this.#words = new Uint32Array(memory);
  }

  /**
   * Takes the lines of a batch, a ClickHouse String column of so many rows. Gives where each begins and ends in it; undefined where they
   * are too many, or do not fit.
   */
  load(column: Uint8Array, rows: number): Uint32Array | undefined {
    if (rows > mostRows || column.length > mostBytes) return undefined;
    this.#memory.set(column, linesAt);
    if (this.#kernel.bounds(linesAt, column.length, rows, boundsAt) === 0) return undefined;
    this.#rows = rows;
    return this.#words.slice(boundsAt / 4, boundsAt / 4 + rows * 2);
  }

  /** Takes where texts begin in their lines, how long they are, and of which row each is where that is not just its number. At most as many as rows. */
  places(starts: WordData, sizes: WordData, count: number, rows: Uint32Array | undefined): void {
    this.#spread(starts, count, startsAt);
    this.#spread(sizes, count, sizesAt);
    if (rows) this.#words.set(rows, rowsAt / 4);
  }

  /** The sizes that it took, `count` of them. A view. */
  sizes(count: number): Uint32Array {
    return this.#words.subarray(sizesAt / 4, sizesAt / 4 + count);
  }

  #spread({ planes, least, data }: WordData, count: number, at: number): void {
    if (data.length === 0) {
      this.#words.fill(least, at / 4, at / 4 + count);
      return;
    }
    this.#memory.set(data, dataAt);
    this.#kernel.words(dataAt, planes, least, count, at);
  }

  /**
   * Writes some of the texts as ClickHouse Strings into `out` at `to`, up to one that is too long for many. Gives how many, and sets `end`;
   * -1 where one is not in its line, or there is no room.
   */
  texts(first: number, count: number, hasRows: boolean, out: Uint8Array, to: number): number {
    let at = to;
    let done = 0;
    while (done < count) {
      const now = this.#kernel.texts(
        linesAt,
        boundsAt,
        hasRows ? rowsAt : 0,
        startsAt,
        sizesAt,
        first + done,
        count - done,
        outAt,
        outBytes,
      );
      const written = this.#kernel.written.value;
      // 2^32 - 1 has a sign here.
      if (now < 0 || written > out.length - at) return -1;
      if (now === 0) break;
      out.set(this.#memory.subarray(outAt, outAt + written), at);
      at += written;
      done += now;
    }
    this.end = at;
    return done;
  }

  /** Where the last `texts` ended. */
  end = 0;

  /** Writes ids of lines from a row on into `out`: see `assembly/unslice.ts`. Gives false where it cannot, with nothing written. */
  ids(row: number, count: number, prefix: Uint8Array, place: number, gap: number, out: Uint8Array): boolean {
    if (row + count > this.#rows) return false;
    this.#memory.set(prefix, prefixAt);
    let next = BigInt(place);
    for (let done = 0; done < count; ) {
      const now = Math.min(idsAtOnce, count - done);
      next = this.#kernel.ids(boundsAt, row + done, now, prefixAt, next, gap, outAt);
      out.set(this.#memory.subarray(outAt, outAt + now * idBytes), done * idBytes);
      done += now;
    }
    return true;
  }
}

let shared: UnsliceKernel | undefined;
let tried = false;

/** The kernel of this program; undefined where WebAssembly is not to be had. */
export function unsliceKernel(): UnsliceKernel | undefined {
  if (!tried) {
    tried = true;
    shared = UnsliceKernel.open();
  }
  return shared;
}

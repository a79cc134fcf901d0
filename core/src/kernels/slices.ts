import { randomBytes } from "node:crypto";
import { type ExportedNumber, loadKernel } from "./load.ts";

/** Words of a place: the row of a value, and where it begins and ends in the loaded bytes. */
export const placeWords = 3;
/** Places that are worked on together. */
export const mostPlaces = 512;

/** The exports of `assembly/slices.ts`; places are offsets in its memory. */
interface Exports {
  readonly written: ExportedNumber;
  distinct(
    begin: number,
    places: number,
    count: number,
    ids: number,
    firsts: number,
    hashes: number,
    slots: number,
    bits: number,
    seed: bigint,
  ): number;
  texts(begin: number, places: number, count: number, row: number, out: number, room: number): number;
}

/** Twice as many slots as places. */
const slotBits = 10;
const slack = 64;
const outBytes = 64 << 10;
const placesAt = 1_024;
const idsAt = placesAt + mostPlaces * placeWords * 4;
const firstsAt = idsAt + mostPlaces * 4;
const hashesAt = firstsAt + mostPlaces * 4;
const slotsAt = hashesAt + (mostPlaces + 1) * 8;
const outAt = slotsAt + (4 << slotBits);
const bytesAt = outAt + outBytes + slack;
/** Bytes of lines that can be loaded: as many as an input reads at a time. */
const mostBytes = 1 << 20;

/** Work on values that lie in loaded bytes, by WebAssembly: many of a column at once. */
export class SliceKernel {
  /** Of the last `distinct`. */
  readonly ids: Uint32Array;
  readonly firsts: Uint32Array;
  readonly #kernel: Exports;
  readonly #memory: Uint8Array;
  readonly #places: Uint32Array;
  #waiting: Uint8Array | undefined;
  /** Not known to who sends values, so that they cannot be made to collide. */
  readonly #seed = randomBytes(8).readBigUInt64LE();

  /** Gives undefined where WebAssembly is not to be had. */
  static open(): SliceKernel | undefined {
    const loaded = loadKernel<Exports>("slices", bytesAt + mostBytes + slack);
    return loaded && new SliceKernel(loaded.exports, loaded.memory);
  }

  private constructor(kernel: Exports, memory: ArrayBuffer) {
    this.#kernel = kernel;
    this.#memory = new Uint8Array(memory);
    this.#places = new Uint32Array(memory, placesAt, mostPlaces * placeWords);
    this.ids = new Uint32Array(memory, idsAt, mostPlaces);
    this.firsts = new Uint32Array(memory, firstsAt, mostPlaces);
  }

  /** Takes the bytes that places lie in from now on, which must stay as they are; false where they are too many. */
  load(bytes: Uint8Array): boolean {
    if (bytes.length > mostBytes) return false;
    this.#waiting = bytes;
    return true;
  }

  /** Brings in the bytes that were loaded: where lines are read in blocks, no place is ever asked for. */
  #bring(): void {
    if (!this.#waiting) return;
    this.#memory.set(this.#waiting, bytesAt);
    this.#waiting = undefined;
  }

  /** Numbers the distinct values of some places, up to `mostPlaces`: see `ids` and `firsts`. Gives how many there are. */
  distinct(places: Uint32Array, count: number): number {
    this.#bring();
    this.#places.set(places);
    return this.#kernel.distinct(
      bytesAt,
      placesAt,
      count,
      idsAt,
      firstsAt,
      hashesAt,
      slotsAt,
      slotBits,
      this.#seed,
    );
  }

  /**
   * Hands on the texts of some places as ClickHouse Strings, with empty ones for rows without a place from `row` on. A text too
   * long for that goes to `long`, with the first row that was not handed on.
   */
  texts(
    places: Uint32Array,
    count: number,
    row: number,
    use: (bytes: Uint8Array) => void,
    long: (place: number, row: number) => void,
  ): void {
    this.#bring();
    this.#places.set(places);
    let next = row;
    for (let done = 0; done < count; ) {
      const at = placesAt + done * placeWords * 4;
      const now = this.#kernel.texts(bytesAt, at, count - done, next, outAt, outBytes);
      const written = this.#kernel.written.value;
      if (written > 0) use(this.#memory.subarray(outAt, outAt + written));
      done += now;
      if (now === 0) long(done++, next);
      next = places[(done - 1) * placeWords]! + 1;
    }
  }
}

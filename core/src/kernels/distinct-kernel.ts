import { randomBytes } from "node:crypto";
import type { Haystack } from "./haystack.ts";
import { type ExportedNumber, loadKernel } from "./load.ts";

/** The exports of `assembly/distinct.ts`; places are offsets in its memory. */
interface Exports {
  readonly count: ExportedNumber;
  run(
    begin: number,
    bounds: number,
    values: number,
    out: number,
    slots: number,
    bits: number,
    entries: number,
    most: number,
    arena: number,
    room: number,
    seed: bigint,
  ): number;
  spread(slots: number, bits: number, entries: number): void;
  clear(slots: number, bits: number): void;
}

/** What a table of values has room for. */
interface Room {
  /** Values that are looked at in one call, and the bytes of all of them. */
  readonly valuesAtOnce: number;
  readonly bytesAtOnce: number;
  /** The table has up to 2^bits places. */
  readonly bits: number;
  /** Distinct values, and the bytes of all of them. */
  readonly most: number;
  readonly arenaBytes: number;
}

/** A table of distinct values in the memory of a kernel of its own. */
export class DistinctKernel {
  readonly #kernel: Exports;
  readonly #bounds: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #places: ReturnType<typeof placesOf>;
  readonly #arenaBytes: number;
  /** Not known to who sends values, so that they cannot be made to collide. */
  readonly #seed = randomBytes(8).readBigUInt64LE();
  #begin = 0;
  /** The numbers of the values that were put in last, as far as they were looked at. */
  readonly numbers: Uint32Array;

  /** Undefined where WebAssembly is not to be had. */
  static open(room: Room): DistinctKernel | undefined {
    const places = placesOf(room);
    const loaded = loadKernel<Exports>("distinct", places.arena + room.arenaBytes + 64);
    return loaded && new DistinctKernel(loaded.exports, loaded.memory, places, room);
  }

  private constructor(
    kernel: Exports,
    memory: ArrayBuffer,
    places: ReturnType<typeof placesOf>,
    { valuesAtOnce, bytesAtOnce, arenaBytes }: Room,
  ) {
    this.#kernel = kernel;
    this.#places = places;
    this.#arenaBytes = arenaBytes;
    this.#bounds = new Uint32Array(memory, places.bounds, valuesAtOnce * 2);
    this.numbers = new Uint32Array(memory, places.out, valuesAtOnce);
    this.#bytes = new Uint8Array(memory, places.bytes, bytesAtOnce);
  }

  /** Distinct values so far. */
  get count(): number {
    return this.#kernel.count.value;
  }

  /** Puts values in, as many as fit. */
  put({ bytes, bounds }: Haystack, from: number, to: number): void {
    const start = bounds[from * 2]!;
    this.#bytes.set(bytes.subarray(start, bounds[to * 2 - 1]));
    this.#bounds.set(bounds.subarray(from * 2, to * 2));
    this.#begin = (this.#places.bytes - start) | 0;
  }

  /** Looks at the values that were put in, from one up to another one; stops at `most` distinct ones. Gives how many were looked at. */
  run(from: number, to: number, bits: number, most: number): number {
    const { bounds, out, slots, entries, arena } = this.#places;
    // biome-ignore format: one line
    return this.#kernel.run(this.#begin, bounds + from * 8, to - from, out + from * 4, slots, bits, entries, most, arena, this.#arenaBytes, this.#seed);
  }

  /** Lays the values out anew over 2^bits places. */
  spread(bits: number): void {
    this.#kernel.spread(this.#places.slots, bits, this.#places.entries);
  }

  /** Forgets all values; the table has 2^bits places. */
  clear(bits: number): void {
    this.#kernel.clear(this.#places.slots, bits);
  }
}

function placesOf({ valuesAtOnce, bytesAtOnce, bits, most }: Room) {
  const bounds = 1_024;
  const out = bounds + valuesAtOnce * 8;
  const bytes = out + valuesAtOnce * 4;
  const slots = bytes + bytesAtOnce + 64;
  const entries = slots + (4 << bits);
  return { bounds, out, bytes, slots, entries, arena: entries + most * 16 };
}

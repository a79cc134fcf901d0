import { randomBytes } from "node:crypto";
import type { DistinctExports } from "./distinct.ts";
import { eachStretch, type Haystack } from "./haystack.ts";
import { loadKernel } from "./load.ts";

/** Numbers values by their bytes: equal ones have the same number, also in later calls, until all are forgotten. From 0 on, as they come. */
export interface Numbering {
  /**
   * Writes the number of each value from `first` on to `out`, at the place of the value; `unnumbered` for one that is longer than
   * `longestNumbered` bytes. Gives the place of the first value for which there is no room any more, which is the number of values where there is.
   */
  take(values: Haystack, first: number, out: Uint32Array): number;
  /** Forgets all values: then there is room again. */
  clear(): void;
}

export const unnumbered = 0xffff_ffff;
/** In bytes. No address or name of a host is as long. */
export const longestNumbered = 256;
/** Bound of the bytes of all values. */
const arenaBytes = 4 << 20;

/** The table of values begins with 2^10 places and grows with them: the fewer places, the more of them stay in the cache of a core. */
const leastBits = 10;
const valuesAtOnce = 4_096;
const bytesAtOnce = 128 << 10;
const boundsAt = 1_024;
const outAt = boundsAt + valuesAtOnce * 8;
const bytesAt = outAt + valuesAtOnce * 4;
const slotsAt = bytesAt + bytesAtOnce + 64;

class WasmNumbering implements Numbering {
  readonly #kernel: DistinctExports;
  readonly #most: number;
  #bits = leastBits;
  readonly #entriesAt: number;
  readonly #bounds: Uint32Array;
  readonly #out: Uint32Array;
  readonly #bytes: Uint8Array;
  /** Not known to who sends values, so that they cannot be made to collide. */
  readonly #seed = randomBytes(8).readBigUInt64LE();

  static open(most: number): WasmNumbering | undefined {
    const bits = Math.max(leastBits, 33 - Math.clz32(Math.max(1, most - 1)));
    const entriesAt = slotsAt + (4 << bits);
    const loaded = loadKernel<DistinctExports>("distinct", entriesAt + most * 16 + arenaBytes + 64);
    return loaded && new WasmNumbering(loaded.exports, loaded.memory, most, entriesAt);
  }

  private constructor(kernel: DistinctExports, memory: ArrayBuffer, most: number, entriesAt: number) {
    this.#kernel = kernel;
    this.#most = most;
    this.#entriesAt = entriesAt;
    this.#bounds = new Uint32Array(memory, boundsAt, valuesAtOnce * 2);
    this.#out = new Uint32Array(memory, outAt, valuesAtOnce);
    this.#bytes = new Uint8Array(memory, bytesAt, bytesAtOnce);
  }

  take(values: Haystack, first: number, out: Uint32Array): number {
    const { bytes, bounds, count } = values;
    for (let from = first; from < count; ) {
      const to = shortUpTo(values, from);
      let done = from;
      const rest = { bytes, bounds: bounds.subarray(from * 2), count: to - from };
      eachStretch(rest, valuesAtOnce, bytesAtOnce, (start, end) => {
        const ran = this.#run(rest, start, end);
        out.set(this.#out.subarray(0, ran), done);
        done += ran;
        return ran === end - start;
      });
      if (done < to) return done;
      from = to;
      while (from < count && isLong(bounds, from)) out[from++] = unnumbered;
    }
    return count;
  }

  #run({ bytes, bounds }: Haystack, from: number, to: number): number {
    const start = bounds[from * 2]!;
    this.#bytes.set(bytes.subarray(start, bounds[to * 2 - 1]));
    this.#bounds.set(bounds.subarray(from * 2, to * 2));
    const [kernel, entries, arena] = [this.#kernel, this.#entriesAt, this.#entriesAt + this.#most * 16];
    for (let done = 0; ; ) {
      // Half of the places stay free.
      const most = Math.min(this.#most, 1 << (this.#bits - 1));
      // biome-ignore format: one line
      done += kernel.run((bytesAt - start) | 0, boundsAt + done * 8, to - from - done, outAt + done * 4, slotsAt, this.#bits, entries, most, arena, arenaBytes, this.#seed);
      if (done === to - from || kernel.count.value < most || most === this.#most) return done;
      kernel.spread(slotsAt, ++this.#bits, entries);
    }
  }

  clear(): void {
    this.#bits = leastBits;
    this.#kernel.clear(slotsAt, this.#bits);
  }
}

const isLong = (bounds: Uint32Array, value: number): boolean =>
  bounds[value * 2 + 1]! - bounds[value * 2]! > longestNumbered;

/** The first value from `from` on that is too long to be numbered. */
function shortUpTo({ bounds, count }: Haystack, from: number): number {
  let to = from;
  while (to < count && !isLong(bounds, to)) to++;
  return to;
}

/** In plain TypeScript. */
class PlainNumbering implements Numbering {
  readonly #most: number;
  readonly #known = new Map<string, number>();
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  take({ bytes, bounds, count }: Haystack, first: number, out: Uint32Array): number {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let value = first; value < count; value++) {
      if (isLong(bounds, value)) {
        out[value] = unnumbered;
        continue;
      }
      const text = buffer.toString("latin1", bounds[value * 2], bounds[value * 2 + 1]);
      let number = this.#known.get(text);
      if (number === undefined) {
        number = this.#known.size;
        if (number === this.#most || this.#bytes + text.length > arenaBytes) return value;
        this.#known.set(text, number);
        this.#bytes += text.length;
      }
      out[value] = number;
    }
    return count;
  }

  clear(): void {
    this.#known.clear();
    this.#bytes = 0;
  }
}

/** Numbers at most so many values at a time, at least one, as fast as can be here. */
export const numberingOf = (most: number): Numbering => WasmNumbering.open(most) ?? new PlainNumbering(most);

/** Both ways, the faster first, for comparing them. */
export const numberings = (most: number): readonly Numbering[] => [
  numberingOf(most),
  new PlainNumbering(most),
];

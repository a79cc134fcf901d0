import { DistinctKernel } from "./distinct-kernel.ts";
import { eachStretch, type Haystack } from "./haystack.ts";

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

class WasmNumbering implements Numbering {
  readonly #kernel: DistinctKernel;
  readonly #most: number;
  #bits = leastBits;

  static open(most: number): WasmNumbering | undefined {
    const bits = Math.max(leastBits, 33 - Math.clz32(Math.max(1, most - 1)));
    const kernel = DistinctKernel.open({ valuesAtOnce, bytesAtOnce, bits, most, arenaBytes });
    return kernel && new WasmNumbering(kernel, most);
  }

  private constructor(kernel: DistinctKernel, most: number) {
    this.#kernel = kernel;
    this.#most = most;
  }

  take(values: Haystack, first: number, out: Uint32Array): number {
    const { bytes, bounds, count } = values;
    for (let from = first; from < count; ) {
      const to = shortUpTo(values, from);
      let done = from;
      const rest = { bytes, bounds: bounds.subarray(from * 2), count: to - from };
      eachStretch(rest, valuesAtOnce, bytesAtOnce, (start, end) => {
        const ran = this.#run(rest, start, end);
        out.set(this.#kernel.numbers.subarray(0, ran), done);
        done += ran;
        return ran === end - start;
      });
      if (done < to) return done;
      from = to;
      while (from < count && isLong(bounds, from)) out[from++] = unnumbered;
    }
    return count;
  }

  #run(values: Haystack, from: number, to: number): number {
    const kernel = this.#kernel;
    const count = to - from;
    kernel.put(values, from, to);
    for (let done = 0; ; ) {
      // Half of the places stay free.
      const most = Math.min(this.#most, 1 << (this.#bits - 1));
      done += kernel.run(done, count, this.#bits, most);
      if (done === count || kernel.count < most || most === this.#most) return done;
      kernel.spread(++this.#bits);
    }
  }

  clear(): void {
    this.#bits = leastBits;
    this.#kernel.clear(this.#bits);
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

import { randomBytes } from "node:crypto";
import { plainDistinct } from "./distinct-js.ts";
import { type Distinct, eachStretch, type Haystack } from "./haystack.ts";
import { type ExportedNumber, loadKernel } from "./load.ts";

/** The exports of `assembly/distinct.ts`; places are offsets in its memory. */
export interface DistinctExports {
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

/** Beyond so many distinct values, or so many bytes of them, nothing is gained. */
const maxDistinct = 32_768;
const arenaBytes = 2 << 20;
const slotBits = 16;
const valuesAtOnce = 1_024;
const bytesAtOnce = 128 << 10;

const boundsAt = 1_024;
const outAt = boundsAt + valuesAtOnce * 8;
const bytesAt = outAt + valuesAtOnce * 4;
const slotsAt = bytesAt + bytesAtOnce + 64;
const entriesAt = slotsAt + (4 << slotBits);
const arenaAt = entriesAt + maxDistinct * 16;
const memoryBytes = arenaAt + arenaBytes + 64;

class WasmDistinct {
  readonly #kernel: DistinctExports;
  readonly #bounds: Uint32Array;
  readonly #out: Uint32Array;
  readonly #bytes: Uint8Array;
  /** Not known to who sends values, so that they cannot be made to collide. */
  readonly #seed = randomBytes(8).readBigUInt64LE();

  static open(): WasmDistinct | undefined {
    const loaded = loadKernel<DistinctExports>("distinct", memoryBytes);
    return loaded && new WasmDistinct(loaded.exports, loaded.memory);
  }

  private constructor(kernel: DistinctExports, memory: ArrayBuffer) {
    this.#kernel = kernel;
    this.#bounds = new Uint32Array(memory, boundsAt, valuesAtOnce * 2);
    this.#out = new Uint32Array(memory, outAt, valuesAtOnce);
    this.#bytes = new Uint8Array(memory, bytesAt, bytesAtOnce);
  }

  find(values: Haystack, most: number): Distinct | undefined {
    const { bytes, bounds, count } = values;
    const index = new Uint32Array(count);
    const kernel = this.#kernel;
    kernel.clear(slotsAt, slotBits);
    let done = 0;
    eachStretch(values, valuesAtOnce, bytesAtOnce, (from, to, long) => {
      if (long) return false;
      const start = bounds[from * 2]!;
      this.#bytes.set(bytes.subarray(start, bounds[to * 2 - 1]));
      this.#bounds.set(bounds.subarray(from * 2, to * 2));
      const limit = Math.min(most, maxDistinct);
      // biome-ignore format: one line
      const ran = kernel.run((bytesAt - start) | 0, boundsAt, to - from, outAt, slotsAt, slotBits, entriesAt, limit, arenaAt, arenaBytes, this.#seed);
      index.set(this.#out.subarray(0, ran), from);
      done += ran;
      // Told early, so that a column without repeats costs little.
      return ran === to - from && (from > 0 || kernel.count.value * 4 <= ran * 3 || most >= count);
    });
    return done === count ? { index, firsts: firstsOf(index, kernel.count.value) } : undefined;
  }
}

function firstsOf(index: Uint32Array, count: number): Uint32Array {
  const firsts = new Uint32Array(count);
  let next = 0;
  for (let value = 0; next < count; value++) if (index[value] === next) firsts[next++] = value;
  return firsts;
}

let opened: WasmDistinct | undefined;
let tried = false;

/**
 * Finds equal values by their bytes. Gives undefined where there are more than `most` distinct ones or where looking
 * for them does not pay; with `most` not below the number of values it looks on for as long as it can.
 */
export function distinctValues(values: Haystack, most: number): Distinct | undefined {
  if (!tried) {
    tried = true;
    opened = WasmDistinct.open();
  }
  return opened ? opened.find(values, most) : plainDistinct(values, most);
}

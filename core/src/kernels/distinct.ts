import { plainDistinct } from "./distinct-js.ts";
import { DistinctKernel } from "./distinct-kernel.ts";
import { type Distinct, eachStretch, type Haystack } from "./haystack.ts";

const bits = 16;
const room = {
  valuesAtOnce: 1_024,
  bytesAtOnce: 128 << 10,
  bits,
  // Beyond so many distinct values, or so many bytes of them, nothing is gained.
  most: 32_768,
  arenaBytes: 2 << 20,
};

function findIn(kernel: DistinctKernel, values: Haystack, most: number): Distinct | undefined {
  const { count } = values;
  const index = new Uint32Array(count);
  const limit = Math.min(most, room.most);
  kernel.clear(bits);
  let done = 0;
  eachStretch(values, room.valuesAtOnce, room.bytesAtOnce, (from, to, long) => {
    if (long) return false;
    kernel.put(values, from, to);
    const ran = kernel.run(0, to - from, bits, limit);
    index.set(kernel.numbers.subarray(0, ran), from);
    done += ran;
    // Told early, so that a column without repeats costs little.
    return ran === to - from && (from > 0 || kernel.count * 4 <= ran * 3 || most >= count);
  });
  return done === count ? { index, firsts: firstsOf(index, kernel.count) } : undefined;
}

function firstsOf(index: Uint32Array, count: number): Uint32Array {
  const firsts = new Uint32Array(count);
  let next = 0;
  for (let value = 0; next < count; value++) if (index[value] === next) firsts[next++] = value;
  return firsts;
}

let opened: DistinctKernel | undefined;
let tried = false;

/**
 * Finds equal values by their bytes. Gives undefined where there are more than `most` distinct ones or where looking
 * for them does not pay; with `most` not below the number of values it looks on for as long as it can.
 */
export function distinctValues(values: Haystack, most: number): Distinct | undefined {
  if (!tried) {
    tried = true;
    opened = DistinctKernel.open(room);
  }
  return opened ? findIn(opened, values, most) : plainDistinct(values, most);
}

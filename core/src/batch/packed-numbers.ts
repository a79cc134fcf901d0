import { type NumberLayout, type WordData, wordsFor } from "../kernels/index.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { putWords, wordData, wordsOf, writeWords } from "./small-words.ts";

/**
 * Whole numbers that are near each other, or each near the one before: `u8` flags; the first, or the least, as `Float64`; then how far each
 * is above that or, with `steps`, above the one before it and the least step, which follows as `Float64`; lower and, with `wide`,
 * upper 32 bits by themselves.
 */
const steps = 1;
const wide = 2;

const upper = 0x1_0000_0000;
const mostSafe = Number.MAX_SAFE_INTEGER;

let memory = new ArrayBuffer(0);
const rowBytes = 16;

/** Room for some rows, kept from one column to the next: values, and the two halves of differences. */
function room(rows: number): { values: Float64Array; low: Uint32Array; high: Uint32Array } {
  if (memory.byteLength < rows * rowBytes) memory = new ArrayBuffer(rows * rowBytes);
  return {
    values: new Float64Array(memory, 0, rows),
    low: new Uint32Array(memory, rows * 8, rows),
    high: new Uint32Array(memory, rows * 12, rows),
  };
}

/**
 * Writes numbers that lie in `native`, at a multiple of 8, in the layout that is given. False, with nothing written, where that does not
 * pay or they are not whole.
 */
export function writePackedNumbers(
  layout: NumberLayout,
  native: Uint8Array,
  count: number,
  out: ByteWriter,
): boolean {
  if (count === 0) return false;
  const width = native.length / count;
  // Times above all are often the same for all rows.
  const isOne = Buffer.compare(native.subarray(width), native.subarray(0, native.length - width)) === 0;
  const words = wordsFor(count);
  if (!words.numbers(layout, isOne ? native.subarray(0, width) : native, isOne ? 1 : count)) return false;
  const { least, most } = words;
  const range = most - least;
  if (range > mostSafe) return false;
  if (isOne) {
    out.u8(0);
    out.f64(least);
    putWords(words, 0, 0, out);
    return true;
  }
  const { leastStep } = words;
  const stepRange = range < leastSteps ? Number.POSITIVE_INFINITY : words.mostStep - leastStep;
  // A step must be clearly smaller: what comes from few values is found again by the packer, its steps are not.
  const byStep =
    stepRange * 256 <= range &&
    Math.abs(leastStep) + stepRange <= mostSafe &&
    Math.abs(words.first - leastStep) <= mostSafe;
  const isWide = (byStep ? stepRange : range) >= upper;
  out.u8((byStep ? steps : 0) | (isWide ? wide : 0));
  if (byStep) {
    out.f64(words.first);
    out.f64(leastStep);
    words.aboveStep();
  } else {
    out.f64(least);
    words.above();
  }
  putWords(words, words.least, words.most, out);
  if (isWide) {
    words.other();
    putWords(words, words.least, words.most, out);
  }
  return true;
}

/** Rows up to, not including, `end` that have a value. */
export interface NumberRun {
  readonly value: number;
  end: number;
}

/** As `writePackedNumbers` of whole numbers within 2^53 that come in runs, in any layout that can hold them. */
export function writeNumberRuns(runs: readonly NumberRun[], out: ByteWriter): boolean {
  const count = runs.at(-1)?.end ?? 0;
  const all = runs.map(({ value }) => value);
  const least = Math.min(...all);
  const range = Math.max(...all) - least;
  if (count === 0 || range >= upper) return false;
  out.u8(0);
  out.f64(least);
  if (range === 0) {
    putWords(wordsFor(1), 0, 0, out);
    return true;
  }
  const { low } = room(count);
  let from = 0;
  for (const { value, end } of runs) {
    low.fill(value - least, from, end);
    from = end;
  }
  writeWords(low, out);
  return true;
}

/** Numbers nearer to each other than this gain nothing by steps. */
const leastSteps = 4_096;

/** Reads `count` numbers into `out`, which they fill, in a layout. Throws a RangeError on anything that does not fit. */
export function readPackedNumbers(
  layout: NumberLayout,
  reader: ByteReader,
  count: number,
  out: Uint8Array,
): void {
  const flags = reader.u8();
  if (flags > (steps | wide)) throw new RangeError("has numbers in an unknown form");
  const byStep = (flags & steps) !== 0;
  const from = float(reader);
  const least = byStep ? float(reader) : from;
  const low = wordData(reader, count);
  const high = (flags & wide) === 0 ? undefined : wordData(reader, count);
  const width = layout === "u32" ? 4 : 8;
  if (out.length !== count * width) throw new RangeError("has numbers of another size");
  // Times above all are often the same for all rows.
  const isOne = !byStep && low.data.length === 0 && high === undefined && count > 0;
  const first = out.subarray(0, isOne ? width : out.length);
  makeNumbers(layout, byStep ? from : undefined, least, low, high, first);
  if (isOne) Buffer.from(out.buffer, out.byteOffset, out.length).fill(first);
}

/** Makes the numbers that `out` has room for: each as far above `least` as is told, or above the one before it, the first above `from`. */
function makeNumbers(
  layout: NumberLayout,
  from: number | undefined,
  least: number,
  lower: WordData,
  higher: WordData | undefined,
  out: Uint8Array,
): void {
  const width = layout === "u32" ? 4 : 8;
  const count = out.length / width;
  const { values, ...halves } = room(count);
  const low = wordsOf(lower, count, halves.low);
  const high = higher && wordsOf(higher, count, halves.high);
  if (from !== undefined) {
    let before = from - least;
    for (let i = 0; i < count; i++)
      values[i] = before = before + least + low[i]! + (high ? high[i]! * upper : 0);
  } else if (high) for (let i = 0; i < count; i++) values[i] = least + low[i]! + high[i]! * upper;
  else for (let i = 0; i < count; i++) values[i] = least + low[i]!;
  if (layout === "f64") {
    out.set(new Uint8Array(values.buffer, values.byteOffset, count * 8));
    return;
  }
  const bottom = layout === "time" ? -mostSafe : 0;
  const top = layout === "u32" ? upper - 1 : mostSafe;
  let [lowest, highest] = [top, bottom];
  // Sums of whole numbers are whole; those beyond what a double holds are beyond the bounds as well.
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  if (lowest < bottom || highest > top) throw new RangeError("has a number that its column cannot have");
  // In place: the words of a value lie where it lay, or before.
  const words = new Uint32Array(values.buffer, values.byteOffset, count * (width / 4));
  if (layout === "u32") for (let i = 0; i < count; i++) words[i] = values[i]!;
  else
    for (let i = 0; i < count; i++) {
      const value = values[i]!;
      const below = value >>> 0;
      words[i * 2] = below;
      words[i * 2 + 1] = (value - below) / upper;
    }
  out.set(new Uint8Array(words.buffer, words.byteOffset, count * width));
}

function float(reader: ByteReader): number {
  const value = reader.take(8).readDoubleLE();
  if (!Number.isSafeInteger(value)) throw new RangeError("has a number that is not whole");
  return value;
}

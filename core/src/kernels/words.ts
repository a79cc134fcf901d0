/** How the fixed-width numbers of a column are laid out before packing. */
export type NumberLayout = "u32" | "u64" | "f64" | "time";

/** Numbers of a column on their way to small words. What is given is void with the next call. */
export interface Words {
  /** Of the numbers that were taken or looked at last. */
  readonly least: number;
  readonly most: number;
  /** Of the numbers that were taken last: the first. */
  readonly first: number;
  /** Of the numbers that were taken last, where there are two: the least and the greatest step from one to the next. */
  readonly leastStep: number;
  readonly mostStep: number;
  /** Takes numbers of a layout. False where they are not all whole ones within 2^53. */
  numbers(layout: NumberLayout, native: Uint8Array, count: number): boolean;
  /** Makes words of how far each of the numbers that were taken is above the least: the lower half of it, and the upper one. */
  above(): void;
  /** The same above the one before it and the least step; 0 of the first. */
  aboveStep(): void;
  /** Takes words, and looks at them. */
  take(words: Uint8Array | Uint32Array): void;
  /** The sum of what `table` has for each of the words that were taken; it has at most twice `mostCount`. */
  sumOf(table: Uint32Array): number;
  /** Takes where slices begin and how long they are; looks at where those do that are not empty, and lets empty ones begin at the least. */
  slices(starts: Uint32Array, sizes: Uint32Array): void;
  /** Goes on with the other half: the upper one, or the sizes of slices; looks at it. */
  other(): void;
  /**
   * How far the words are above the least: a byte each, of each the lowest, then of each the next, as many as `planes`; with none, half a byte
   * each, the first in the lower half.
   */
  planes(least: number, planes: number): Uint8Array;
}

type Numbers = Float64Array | Uint32Array | Int32Array | Uint8Array;

/** Beyond so many rows room grows by as many, not twofold: half of it would lie idle. */
const step = 131_072;

/** How much room comes behind this much. */
export const nextRoom = (room: number): number => room + Math.min(room, step);

/**
 * The same numbers with room for `length` of them. The ones before are gone with all that looks at them: left to the garbage collector,
 * tables of megabytes would lie about for seconds.
 */
export function grown<T extends Numbers>(numbers: T, length: number): T {
  const bytes = (numbers.buffer as ArrayBuffer).transfer(length * numbers.BYTES_PER_ELEMENT);
  return new (numbers.constructor as new (bytes: ArrayBuffer) => T)(bytes);
}

/** Frees numbers that nobody looks at any more, at once. */
export const release = (numbers: Numbers): void => {
  (numbers.buffer as ArrayBuffer).transfer(0);
};

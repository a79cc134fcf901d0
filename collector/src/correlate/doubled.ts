type Numbers = Float64Array | Uint32Array | Int32Array | Uint8Array;

/** The same numbers with twice the room. */
export function doubled<T extends Numbers>(numbers: T): T {
  const grown = new (numbers.constructor as new (length: number) => T)(numbers.length * 2);
  grown.set(numbers);
  return grown;
}

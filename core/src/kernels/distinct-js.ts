import type { Distinct, Haystack } from "./haystack.ts";

/** The plain twin of `assembly/distinct.ts`: gives undefined where there are more than `most` distinct values. */
export function plainDistinct({ bytes, bounds, count }: Haystack, most: number): Distinct | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const known = new Map<string, number>();
  const index = new Uint32Array(count);
  const firsts: number[] = [];
  for (let value = 0; value < count; value++) {
    const text = buffer.toString("latin1", bounds[value * 2], bounds[value * 2 + 1]);
    let number = known.get(text);
    if (number === undefined) {
      if (firsts.length === most) return undefined;
      number = firsts.push(value) - 1;
      known.set(text, number);
    }
    index[value] = number;
  }
  return { index, firsts: Uint32Array.from(firsts) };
}

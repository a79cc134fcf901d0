import type { Haystack } from "../haystack.ts";

/** Values one behind the other, with a byte between them. */
export function haystack(values: readonly Uint8Array[]): Haystack {
  const bounds = new Uint32Array(values.length * 2);
  let at = 0;
  for (const [i, value] of values.entries()) {
    bounds[i * 2] = at;
    at += value.length;
    bounds[i * 2 + 1] = at++;
  }
  const bytes = Buffer.concat(values.flatMap((value) => [value, Buffer.from("|")]));
  return { bytes, bounds, count: values.length };
}

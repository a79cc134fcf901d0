import { BatchBuilder, type SealedBatch, uuidv7 } from "@vedette/core/batch";
import type { Position } from "@vedette/sdk";

export const lineBytes = 10;
const start = Date.UTC(2026, 0, 1);

/** Where line `n` lies in a source of lines of equal length. */
export const positionOf = (source: string, n: number): Position => ({
  source,
  offset: n * lineBytes,
  end: (n + 1) * lineBytes,
});

/** Seals the given lines of a source into a batch; `skipped` ones move its stretch but give no event. */
export function sealLines(
  source: string,
  numbers: readonly number[],
  place: { readonly epoch: number; readonly sequence: number },
  skipped: (n: number) => boolean = () => false,
): SealedBatch {
  const builder = new BatchBuilder("generic", { rows: 10_000, bytes: 2 ** 20 });
  for (const n of numbers) {
    const position = positionOf(source, n);
    if (skipped(n)) builder.skip(position);
    else {
      const raw = `${source} line ${n}`;
      const time = new Date(start + n).toISOString();
      builder.append({ id: raw, "@timestamp": time, dataType: "generic", raw }, position);
    }
  }
  return builder.seal({ batchId: uuidv7(start), agentId: "agent", ...place });
}

/** A generator of numbers from 0 to 1 that gives the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

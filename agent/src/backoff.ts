const firstMs = 250;
const longestMs = 30_000;

/** How long to wait before the next attempt: doubles per failure, half of it by chance so that agents spread out. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 16));
  return full / 2 + (full / 2) * random();
}

import { setTimeout } from "node:timers/promises";
import { isVedetteError } from "@vedette/sdk";

const firstWaitMs = 200;
const lastWaitMs = 10_000;

/**
 * Repeats work for as long as it fails with the verdict `retry`, waiting 0.2 s and then twice as long each time, up to
 * 10 s. Any other error ends it, and so does the signal.
 */
export async function insist<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  onRetry: (error: unknown, waitMs: number) => void,
): Promise<T> {
  for (let wait = firstWaitMs; ; wait = Math.min(wait * 2, lastWaitMs)) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!isVedetteError(error) || error.verdict.verdict !== "retry") throw error;
      const waitMs = error.verdict.afterMs ?? wait;
      onRetry(error, waitMs);
      await setTimeout(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

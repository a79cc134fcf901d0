import { setTimeout } from "node:timers/promises";
import { isVedetteError, type VedetteError } from "@vedette/sdk";

const firstWaitMs = 200;
const lastWaitMs = 10_000;

/** Milliseconds to wait after so many failures and the error: 0.2 s, then twice as long each time, up to 10 s. */
export function waitBefore(failures: number, error: VedetteError): number {
  const { verdict } = error;
  const asked = verdict.verdict === "retry" ? verdict.afterMs : undefined;
  return asked ?? Math.min(firstWaitMs * 2 ** failures, lastWaitMs);
}

/**
 * Repeats work for as long as it fails with the verdict `retry`, waiting 0.2 s and then twice as long each time, up to
 * 10 s. Any other error ends it, and so does the signal.
 */
export async function insist<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  onRetry: (error: unknown, waitMs: number) => void,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!isVedetteError(error) || error.verdict.verdict !== "retry") throw error;
      const waitMs = waitBefore(failures, error);
      onRetry(error, waitMs);
      await setTimeout(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

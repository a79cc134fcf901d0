import { setTimeout } from "node:timers/promises";

/** Resolves after a time or when the signal aborts, whichever is first. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal }).catch(() => undefined);

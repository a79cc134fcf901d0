import type { DetectConfig } from "./config/index.ts";
import type { CorrelatorLimits } from "./correlate/index.ts";
import { defaultLimits } from "./detect/index.ts";

/** The bounds of windows as a configuration has them. */
export function windowLimits({ windows }: DetectConfig): CorrelatorLimits {
  const { events, memoryMiB, groupEvents, latenessSeconds } = windows;
  return {
    ...defaultLimits.windows,
    entries: events,
    bytes: memoryMiB * 2 ** 20,
    groupEntries: groupEvents,
    lateMs: latenessSeconds * 1_000,
  };
}

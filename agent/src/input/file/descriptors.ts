import { readFileSync } from "node:fs";

/** Kept for what is not a followed file: spool, sockets, libraries, the collector in the same process. */
const reserved = 256;

/** The files that a process may have open (RLIMIT_NOFILE; Node raises the soft limit to the hard one). */
export function descriptorLimit(limits = "/proc/self/limits"): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync(limits, "utf8")) ?? [];
    return soft === undefined ? 1_024 : Number(soft);
  } catch {
    return 1_024;
  }
}

/** Followed files that the inputs of this process may hold open together, and how many they do. */
export const descriptors = {
  limit: Math.max(64, Math.floor((descriptorLimit() - reserved) * 0.8)),
  open: 0,
};

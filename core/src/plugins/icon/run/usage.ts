import { readFileSync } from "node:fs";
import { processFacts } from "../../socket/proc.ts";

/** How often a running plugin is looked at. */
const everyMs = 250;
/** Processes of one plugin that are looked at. */
const maxProcesses = 256;
export interface Watched {
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
}

/**
 * Looks at a process and what it started, four times a second, from /proc; where there is none it sees nothing. `stop`
 * gives the last that was seen.
 */
export function watchUsage(
  pid: number | undefined,
  seen: (memoryBytes: number) => void,
): { stop(): Watched } {
  let cpuSeconds = 0;
  let peakMemoryBytes = 0;
  const look = (): void => {
    if (pid === undefined) return;
    const now = usageOf(pid);
    cpuSeconds = Math.max(cpuSeconds, now.cpuSeconds);
    peakMemoryBytes = Math.max(peakMemoryBytes, now.memoryBytes);
    seen(now.memoryBytes);
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
      return { cpuSeconds, peakMemoryBytes };
    },
  };
}

function usageOf(leader: number): { readonly cpuSeconds: number; readonly memoryBytes: number } {
  let cpuSeconds = 0;
  let memoryBytes = 0;
  const waiting = [leader];
  for (let count = 0; count < maxProcesses; count++) {
    const pid = waiting.pop();
    if (pid === undefined) break;
    const facts = processFacts(pid);
    if (!facts) continue;
    cpuSeconds += facts.cpuSeconds;
    memoryBytes += facts.rssBytes;
    waiting.push(...childrenOf(pid));
  }
  return { cpuSeconds, memoryBytes };
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
    return text ? text.split(" ").map(Number) : [];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

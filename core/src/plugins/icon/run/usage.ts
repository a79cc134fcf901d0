import { readFileSync } from "node:fs";

/** How often a running plugin is looked at. */
const everyMs = 250;
/** Processes of one plugin that are looked at. */
const maxProcesses = 256;
/** Ticks of /proc a second, and the size of a page: as on every Linux that Node runs on. */
const ticksASecond = 100;
const pageBytes = 4_096;

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
  for (let count = 0; waiting.length > 0 && count < maxProcesses; count++) {
    const pid = waiting.pop();
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      // The name in parentheses can hold anything; what follows it are numbers. Fields 14, 15 and 24 of proc(5).
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      cpuSeconds += (Number(fields[11]) + Number(fields[12])) / ticksASecond;
      memoryBytes += Number(fields[21]) * pageBytes;
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
      if (children) waiting.push(...children.split(" ").map(Number));
    } catch {
      // It has ended meanwhile.
    }
  }
  return { cpuSeconds, memoryBytes };
}

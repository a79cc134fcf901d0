import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What the system says of a process (proc_pid_stat(5)). */
export interface ProcessFacts {
  /** When it was started, in clock ticks since the boot: with the number it names a process for ever. */
  readonly started: string;
  readonly group: number;
  readonly rssBytes: number;
  /** User and system time so far. */
  readonly cpuSeconds: number;
}

const ticksPerSecond = 100;
const pageBytes = 4_096;

/** Undefined for a process that is not there, or only waits to be collected. */
export function processFacts(pid: number): ProcessFacts | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name, in brackets, may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  return {
    group: Number(fields[2]),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    started: fields[19] ?? "",
    rssBytes: Number(fields[21]) * pageBytes,
  };
}

/** The system's name of this boot; numbers of processes mean nothing after the next. */
export const bootId = (): string => read("/proc/sys/kernel/random/boot_id")?.trim() ?? "";

/**
 * Which of some processes listens on a socket of a name, by its number in the system. The folder may have another name for the
 * process, and each process may have a network of its own.
 */
export function listenerOf(name: string, pids: readonly number[]): number | undefined {
  return pids.find((pid) => {
    const inodes = (read(`/proc/${pid}/net/unix`)?.split("\n") ?? [])
      .filter((each) => each.endsWith(`/${name}`))
      .map((line) => `socket:[${line.trim().split(/\s+/)[6]}]`);
    return inodes.length > 0 && linksOf(`/proc/${pid}/fd`).some((link) => inodes.includes(link));
  });
}

function linksOf(dir: string): string[] {
  try {
    return readdirSync(dir).map((name) => {
      try {
        return readlinkSync(`${dir}/${name}`);
      } catch {
        return "";
      }
    });
  } catch {
    return [];
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

import type { Stats } from "node:fs";
import { dirname } from "node:path";
import type { Follower } from "./follower.ts";

/** What is known of one path that the patterns include. Times of a monotonic clock in milliseconds. */
export interface PathState {
  readonly path: string;
  readonly dir: string;
  /** The file itself, where the path is a link. */
  real: string | undefined;
  follower: Follower | undefined;
  dueAt: number;
  interval: number;
  ino: number;
  size: number;
  mtime: number;
  /** Closed because too many files are open. It has the content it had then as long as inode, size and time agree. */
  parked: boolean;
  /** What a remote file system answered when it was last asked. */
  answer: { readonly stats: Stats | undefined; readonly error: unknown } | undefined;
  failure: string | undefined;
}

/** A path that was just found. `interval` in milliseconds. */
export const newState = (path: string, interval: number): PathState => ({
  path,
  dir: dirname(path),
  real: undefined,
  follower: undefined,
  dueAt: 0,
  interval,
  ino: 0,
  size: -1,
  mtime: 0,
  parked: false,
  answer: undefined,
  failure: undefined,
});

/** Whether a path still leads to the file that is followed. */
export const isSame = (
  { record }: Follower,
  stats: { readonly dev: number; readonly ino: number },
): boolean => Number(record.ino) === stats.ino && Number(record.dev) === stats.dev;

/** System errors as sentences that say what to do. */
export const reasons: Readonly<Record<string, string>> = {
  ENOTREG: "It is not a plain file.",
  EISDIR: "It is a folder.",
  EACCES: "The agent may not read it; add its user to the file's group.",
  EPERM: "The agent may not read it.",
  TAKEN: "Another input follows it already.",
  EMFILE: "The process has too many files open; raise its limit (LimitNOFILE=, ulimit -n).",
  ENFILE: "The system has too many files open (fs.file-max).",
};

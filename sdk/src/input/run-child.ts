import type { Logger } from "../deps.ts";
import { type ChildCommand, startChild } from "./child.ts";

/** What a program did that was run to its end. */
export interface ChildResult {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  /** The last of it, at most 4 KiB. */
  readonly stderr: string;
  /** It was ended before it was done: its time was over, the signal aborted, or it wrote too much. */
  readonly cut: boolean;
  /** Why it could not be started. */
  readonly error: string | undefined;
}

/** What it writes to stderr is in the result. */
const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

const graceMs = 1_000;

/** Runs a program to its end, within a time and with a bound of what it writes. Never rejects. */
export async function runChild(
  command: ChildCommand,
  {
    deadlineMs,
    maxBytes,
    signal,
  }: { readonly deadlineMs: number; readonly maxBytes: number; readonly signal?: AbortSignal },
): Promise<ChildResult> {
  if (signal?.aborted) return { code: null, stdout: "", stderr: "", cut: true, error: undefined };
  const child = startChild({ ...command, endGroup: true }, silent);
  let cut = false;
  const end = (): void => {
    cut = true;
    child.stop(graceMs);
  };
  const timer = setTimeout(end, deadlineMs);
  signal?.addEventListener("abort", end, { once: true });
  const parts: Buffer[] = [];
  let bytes = 0;
  child.stdout.on("data", (part: Buffer) => {
    bytes += part.length;
    if (bytes > maxBytes) end();
    else parts.push(part);
  });
  child.stdout.on("error", () => undefined);
  const { code, error, stderr } = await child.exited;
  clearTimeout(timer);
  signal?.removeEventListener("abort", end);
  return { code, stdout: Buffer.concat(parts).toString("utf8"), stderr, cut, error };
}

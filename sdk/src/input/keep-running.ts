import type { Readable } from "node:stream";
import type { Deps } from "../deps.ts";
import { Backoff, wait } from "./backoff.ts";
import { type ChildCommand, type ChildExit, startChild } from "./child.ts";

/** A program that ran this long is not failing again and again. */
const steadyMs = 60_000;
/** What a stopping agent gives a program to end by itself. */
const stopMs = 500;

export interface KeptProgram {
  /** What to start; asked before each start. */
  command(): ChildCommand;
  /** Takes the chunks of stdout one after the other; what it waits for, the program waits for. */
  take(chunk: Buffer): void | Promise<void>;
  /** Called at the end of the output of one run. */
  rest?(): void | Promise<void>;
  /** `pid` is undefined where it could not be started. */
  started(pid: number | undefined): void;
  /** Called when the program has ended although nobody asked it to; it is started again. */
  ended(exit: ChildExit): void;
  readonly minRestartMs: number;
  readonly maxRestartMs: number;
}

/** Runs a program until the signal aborts, and starts it again when it ends, after a growing while. */
export async function keepRunning(program: KeptProgram, { signal, log, clock }: Deps): Promise<void> {
  const backoff = new Backoff(program.minRestartMs, program.maxRestartMs);
  while (!signal.aborted) {
    const began = clock.now();
    const exit = await runOnce(program, { signal, log, clock });
    if (signal.aborted) return;
    program.ended(exit);
    if (clock.now() - began >= steadyMs) backoff.reset();
    await wait(backoff.next(), signal);
  }
}

async function runOnce(program: KeptProgram, { signal, log }: Deps): Promise<ChildExit> {
  const child = startChild(program.command(), log);
  const stop = (): void => child.stop(stopMs);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  program.started(child.pid);
  try {
    await readAll(child.stdout, program, log);
  } finally {
    child.stop();
    signal.removeEventListener("abort", stop);
  }
  return child.exited;
}

async function readAll(stdout: Readable, program: KeptProgram, log: Deps["log"]): Promise<void> {
  const chunks = stdout[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<unknown>;
    try {
      next = await chunks.next();
    } catch (error) {
      // A stream that is destroyed while it is read ends with an error; what was read is complete.
      log.debug({ error }, "The output of a program ended suddenly.");
      break;
    }
    if (next.done === true) break;
    const full = program.take(next.value as Buffer);
    if (full) await full;
  }
  await program.rest?.();
}

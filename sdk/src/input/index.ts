/** What inputs of plugins share: ids, lines, programs, waiting. */
export { Backoff, wait } from "./backoff.ts";
export { type Child, type ChildCommand, type ChildExit, startChild } from "./child.ts";
export { DurableWaiters } from "./durable-waiters.ts";
export { type KeptProgram, keepRunning } from "./keep-running.ts";
export { LineStream } from "./line-stream.ts";
export { type ChildResult, runChild } from "./run-child.ts";

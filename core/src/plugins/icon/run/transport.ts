import type { StepEvent, StepStart } from "./envelope.ts";

/** One call of a plugin. */
export interface CallOptions {
  readonly signal: AbortSignal;
  /** Ends the call after so many milliseconds; the transport's own deadline when left out. */
  readonly deadlineMs?: number;
}

/** A way to a plugin: its process, or its HTTP server. */
export interface IconTransport {
  /** Runs an action, or one page of a task. Throws an `IconError`; a step that failed by its own word is an event. */
  run(start: StepStart, options: CallOptions): Promise<StepEvent>;
  /** Tests the connection. */
  test(start: StepStart, options: CallOptions): Promise<StepEvent>;
  /** What it has used so far; undefined where that cannot be known. */
  usage?(): PluginUsage;
}

/** What a plugin has used. */
export interface PluginUsage {
  readonly runs: number;
  readonly failures: number;
  /** User and system time of its processes, seconds; sampled, so short runs count little. */
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
}

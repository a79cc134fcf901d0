import type { PendingBatch, Place } from "../spool/index.ts";

/** The batches that wait for a collector, as a transport sees them. */
export interface Outbox {
  /** The next unacknowledged batch behind a place; waits for one, gives undefined when the signal aborts. */
  next(after: Place | undefined, signal: AbortSignal): Promise<PendingBatch | undefined>;
  /** Notes that a collector keeps the batch. False where that was known, so that repeats can be counted. */
  acknowledge(header: PendingBatch["header"]): boolean;
}

/** Carries batches to a collector. The seam between the spool and any network: gRPC or Kafka. */
export interface Transport {
  /** Ships until the signal aborts; comes back from every failure by itself. Called once. */
  run(outbox: Outbox, signal: AbortSignal): Promise<void>;
  /** True while a collector is connected and takes batches. */
  readonly connected: boolean;
  /** A sentence on what stands in the way of shipping, where the transport knows. */
  readonly problem?: string | undefined;
}

import { randomUUID } from "node:crypto";
import type { Detector } from "@vedette/collector";
import { type Batch, BatchBuilder, decodeBatch } from "@vedette/core/batch";
import type { Alert, Event } from "@vedette/sdk";

/** Events that are looked at together. */
export const maxBatchRows = 4_096;
const maxBatchBytes = 32 << 20;

/**
 * Events of one data type as a batch, as a collector receives it; undefined where they do not fit into one. Of events that no
 * pipeline made, empty texts are kept too.
 */
export function sealedBatch(
  events: readonly Event[],
  dataType: string,
  keepsEmpty = false,
): Batch | undefined {
  const builder = new BatchBuilder(dataType, { rows: maxBatchRows, bytes: maxBatchBytes, keepsEmpty });
  for (const [at, event] of events.entries()) {
    if (at > 0 && builder.full) return undefined;
    try {
      builder.append(event, { source: "rules", offset: at, end: at + 1 });
    } catch {
      return undefined;
    }
  }
  const stamp = { batchId: randomUUID(), agentId: "rules", epoch: 1, sequence: 1 };
  return decodeBatch(builder.seal({ ...stamp, codec: "none" }).frame);
}

/**
 * Gives events to a detector as batches, in their order: a batch ends where the data type changes or after `rows` events.
 * Events that fit into no batch go one by one. The alerts in the order in which they were raised.
 */
export function detect(detector: Detector, events: readonly Event[], rows = maxBatchRows): Alert[] {
  const alerts: Alert[] = [];
  for (let from = 0; from < events.length; ) {
    const dataType = events[from]!.dataType ?? "";
    let to = from + 1;
    while (to < events.length && to - from < rows && (events[to]!.dataType ?? "") === dataType) to++;
    const part = events.slice(from, to);
    const batch = sealedBatch(part, dataType);
    if (batch) {
      for (const alert of detector.process(batch)) alerts.push(alert);
      // As if its memory were freed: nothing that is remembered may look at it.
      for (const { native } of batch.columns.values()) native.fill(0);
    } else for (const event of part) alerts.push(...detector.processEvent(event));
    from = to;
  }
  return alerts;
}

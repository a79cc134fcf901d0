import type { BatchHeader } from "@vedette/core/batch";

/** A delivery of a batch as a row of the `batches` table; `deliveries` above 1 is a repeat that was dropped. */
export function batchRow(header: BatchHeader, storedAt: number, deliveries: number): Record<string, unknown> {
  const first = header.sources.at(0);
  const last = header.sources.at(-1);
  return {
    agentId: header.agentId,
    epoch: header.epoch,
    sequence: header.sequence,
    batchId: header.batchId,
    dataType: header.dataType,
    rows: header.rows,
    minTime: new Date(header.minTime).toISOString(),
    maxTime: new Date(header.maxTime).toISOString(),
    firstPosition: first ? `${first.source}@${first.from}` : "",
    lastPosition: last ? `${last.source}@${last.to}` : "",
    deliveries,
    storedAt: new Date(storedAt).toISOString(),
  };
}

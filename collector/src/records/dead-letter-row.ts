import { uuidv7 } from "@vedette/core/batch";
import type { DeadFrame } from "../ingest/index.ts";

/** Bound of a frame kept whole; of a larger one the beginning is kept. ClickHouse refuses JSON rows over 10 MB. */
const maxBytes = 6 * 1024 * 1024;

/** A refused frame as a row of the `dead_letters` table. */
export function deadLetterRow(dead: DeadFrame, time: number): Record<string, unknown> {
  const { header, frame } = dead;
  return {
    id: uuidv7(time),
    time: new Date(time).toISOString(),
    agentId: dead.agentId,
    stage: dead.stage,
    reason: dead.reason,
    dataType: header?.dataType ?? "",
    batchId: header?.batchId ?? "",
    rows: header?.rows ?? 0,
    encoding: "base64",
    body: frame.subarray(0, maxBytes).toString("base64"),
  };
}

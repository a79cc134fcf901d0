import { type Batch, BatchBuilder, decodeBatch } from "@vedette/core/batch";
import type { Event } from "@vedette/sdk";

export const start = Date.UTC(2026, 0, 5, 12);
export const at = (ms: number): string => new Date(start + ms).toISOString();

let batches = 0;

/** A sealed and decoded batch of events of one data type, as a collector receives it. */
export function batchFrom(events: readonly Event[], batchId?: string): Batch {
  const dataType = events[0]?.dataType ?? "test";
  const builder = new BatchBuilder(dataType, { rows: 1e6, bytes: 1e9 });
  for (const event of events) builder.append(event, { source: "test", offset: 0, end: 1 });
  const sequence = batches++;
  const { frame } = builder.seal({
    batchId: batchId ?? `00000000-0000-7000-8000-${String(sequence).padStart(12, "0")}`,
    agentId: "agent",
    epoch: 1,
    sequence,
    codec: "none",
  });
  return decodeBatch(frame);
}

/** A failed ssh login of an address, `ms` after the start. */
export const sshFailure = (id: string, ms: number, ip: string | undefined = "203.0.113.9"): Event => ({
  id,
  "@timestamp": at(ms),
  dataType: "sshd",
  dataSource: "web-1",
  action: "login",
  actionResult: "failed",
  ...(ip === "" ? {} : { origin: { ip, user: "root" } }),
  target: { host: "web-1" },
  log: { method: "password" },
  raw: `Failed password for root from ${ip}`,
});

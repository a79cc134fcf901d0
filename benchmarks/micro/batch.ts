/**
 * Cost of a batch on both sides, in µs of CPU per row: append, seal (zstd 1), decode with all checks, encode for ClickHouse.
 * Run: node --conditions=@vedette/source benchmarks/micro/batch.ts
 */
import { BatchBuilder, decodeBatch, encodeNative, uuidv7 } from "@vedette/core/batch";
import type { Event } from "@vedette/sdk";

const rows = 10_000;
const rounds = 30;

const events: Event[] = Array.from({ length: rows }, (_, i) => ({
  id: `${(i * 2_654_435_761).toString(16).padStart(12, "0")}${i.toString(16).padStart(8, "0")}`,
  "@timestamp": new Date(1_790_000_000_000 + i).toISOString(),
  deviceTime: new Date(1_790_000_000_000 + i - (i % 1000)).toISOString(),
  dataType: "nginx",
  dataSource: "web-1",
  tenantId: "ce66672c-e36d-4761-a8c8-90058fee1a24",
  tenantName: "Default",
  eventType: i % 7 ? "access.allowed" : "access.denied",
  severity: "info",
  action: i % 3 ? "GET" : "POST",
  actionResult: "success",
  protocol: "HTTP/1.1",
  statusCode: i % 7 ? 200 : 403,
  raw: `198.51.100.${i % 250} - - [10/Oct/2026:13:55:36 +0000] "GET /shop/item/${i % 900}?ref=${i} HTTP/1.1" 200 ${i} "https://shop.example/" "Mozilla/5.0 (X11; Linux x86_64)"`,
  origin: { ip: `198.51.100.${i % 250}`, bytesReceived: i + 1 },
  target: { path: `/shop/item/${i % 900}`, url: `/shop/item/${i % 900}?ref=${i}` },
  log: { userAgent: "Mozilla/5.0 (X11; Linux x86_64)", referer: "https://shop.example/", httpVersion: "1.1" },
}));

const spent = { append: 0, seal: 0, decode: 0, native: 0 };
const timed = <T>(name: keyof typeof spent, work: () => T): T => {
  const start = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(start);
  spent[name] += user + system;
  return value;
};

let frameBytes = 0;
for (let round = -5; round < rounds; round++) {
  if (round === 0) for (const name of Object.keys(spent) as (keyof typeof spent)[]) spent[name] = 0;
  const builder = new BatchBuilder("nginx", { rows: rows + 1, bytes: 1e9 });
  timed("append", () => {
    for (const [i, event] of events.entries()) builder.append(event, { source: "f", offset: i, end: i + 1 });
  });
  const { frame } = timed("seal", () =>
    builder.seal({ batchId: uuidv7(Date.now()), agentId: "a", epoch: 1, sequence: 1 }),
  );
  const batch = timed("decode", () => decodeBatch(frame));
  timed("native", () => encodeNative(batch));
  frameBytes = frame.length;
}
for (const [name, micros] of Object.entries(spent)) {
  console.log(`${name.padEnd(7)} ${(micros / rounds / rows).toFixed(2)} µs/row`);
}
console.log(`frame   ${(frameBytes / rows).toFixed(1)} bytes/row`);

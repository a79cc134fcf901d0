/**
 * What the store should receive: the same nginx batches as Native, RowBinary and JSON rows, through the engine process,
 * in µs of CPU per row of the client (encoding and sending) and of the engine (parsing, sorting, indexes, writing).
 * Merges run meanwhile and are part of the engine's figure.
 * Run: node --conditions=@vedette/source benchmarks/micro/store-formats.ts [rows per batch] [batches]
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createClient } from "@clickhouse/client";
import { type Batch, columnFields, columnName, columnType, encodeNative } from "@vedette/core/batch";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { startEngine } from "../../collector/src/engine/index.ts";
import { openStore } from "../../collector/src/store/index.ts";
import { batchWith, nginxEvents } from "../../collector/src/store/testing/nginx-events.ts";

const rows = Number(process.argv[2] ?? 10_000);
const batches = Number(process.argv[3] ?? 30);
const stateDir = mkdtempSync(join(tmpdir(), "vedette-bench-"));
const engine = await startEngine({ stateDir });
const store = await openStore(engine, { log: recordingLogger(), clock: manualClock() });
const client = createClient({
  url: engine.url,
  username: engine.user,
  password: engine.password,
  database: engine.database,
});

/** The batch's columns by name; what has no column of its own goes into `log` or `rest` as an object. */
function rowsOf(batch: Batch): Record<string, unknown>[] {
  return Array.from({ length: batch.rows }, (_, row) => {
    const record: Record<string, unknown> = {};
    for (const column of batch.columns.values()) {
      const value = column.value(row);
      if (value === undefined) continue;
      if (column.kind !== "dynamic") record[columnName(column.path)] = value;
      else {
        const inLog = column.path.startsWith("log.");
        const name = inLog ? "log" : "rest";
        record[name] ??= {};
        (record[name] as Record<string, unknown>)[inLog ? column.path.slice(4) : column.path] = value;
      }
    }
    return record;
  });
}

/** NDJSON for `FORMAT JSONEachRow`. */
const jsonRows = (batch: Batch): Buffer =>
  Buffer.from(
    rowsOf(batch)
      .map((row) => JSON.stringify(row))
      .join("\n"),
  );

/** Rows of the columns in use for `FORMAT RowBinaryWithNames`, JSON columns as text. */
function rowBinary(batch: Batch): Buffer {
  const types = new Map(columnFields.map((field) => [columnName(field.path), columnType(field)]));
  const records = rowsOf(batch);
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  let out = Buffer.allocUnsafe(batch.rows * 1024 + 4096);
  let at = 0;
  const varint = (value: number) => {
    for (; value > 127; value >>>= 7) out[at++] = (value & 127) | 128;
    out[at++] = value;
  };
  const text = (value: string) => {
    const length = Buffer.byteLength(value);
    if (at + length + 64 > out.length) out = Buffer.concat([out, Buffer.allocUnsafe(out.length + length)]);
    varint(length);
    at += out.write(value, at);
  };
  varint(names.length);
  for (const name of names) text(name);
  for (const record of records) {
    for (const name of names) {
      const value = record[name];
      const type = types.get(name) ?? "JSON";
      if (type === "JSON") text(value === undefined ? "{}" : JSON.stringify(value));
      else if (type.endsWith("String)") && !type.startsWith("Array")) text(String(value ?? ""));
      else if (type === "String") text(String(value ?? ""));
      else if (type === "UInt32") at = out.writeUInt32LE(Number(value ?? 0), at);
      else if (type === "UInt64") at = out.writeBigUInt64LE(BigInt((value as string | number) ?? 0), at);
      else if (type === "Float64") at = out.writeDoubleLE(Number(value ?? 0), at);
      else if (type.startsWith("DateTime64")) at = out.writeBigInt64LE(BigInt(Date.parse(String(value))), at);
      else varint(0);
    }
  }
  return out.subarray(0, at);
}

const formats: Record<string, { encode: (batch: Batch) => Buffer; settings?: Record<string, string> }> = {
  Native: { encode: (batch) => Buffer.concat(encodeNative(batch)) },
  RowBinaryWithNames: { encode: rowBinary, settings: { input_format_binary_read_json_as_string: "1" } },
  JSONEachRow: { encode: jsonRows, settings: { date_time_input_format: "best_effort" } },
};

/** CPU of the engine process so far, µs; the kernel counts in hundredths of a second. */
function engineCpu(): number {
  const fields = readFileSync(`/proc/${engine.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function measure(
  format: string,
  { encode, settings = {} }: (typeof formats)[string],
  set: readonly Batch[],
) {
  const spent = { encode: 0, client: 0, engine: engineCpu(), wall: performance.now(), bytes: 0 };
  for (const [i, batch] of set.entries()) {
    const before = process.cpuUsage();
    const body = encode(batch);
    const encoded = process.cpuUsage(before);
    const { stream } = await client.exec({
      query: `INSERT INTO events FORMAT ${format}`,
      values: Readable.from([body], { objectMode: false }),
      clickhouse_settings: {
        ...settings,
        async_insert: 0,
        insert_deduplication_token: `${format}-${i}-${Math.random()}`,
      },
    });
    for await (const _ of stream);
    const all = process.cpuUsage(before);
    spent.encode += encoded.user + encoded.system;
    spent.client += all.user + all.system;
    spent.bytes += body.length;
  }
  const count = set.length * rows;
  return {
    "bytes/row": Math.round(spent.bytes / count),
    "encode µs": +(spent.encode / count).toFixed(2),
    "client µs": +(spent.client / count).toFixed(2),
    "engine µs": +((engineCpu() - spent.engine) / count).toFixed(2),
    "wall µs": +(((performance.now() - spent.wall) * 1_000) / count).toFixed(2),
  };
}

const set = Array.from({ length: batches }, (_, i) =>
  batchWith(nginxEvents(rows, Date.UTC(2026, 0, 1) + i * 1_000, i + 1), i),
);
const results: Record<string, unknown> = {};
for (const [format, how] of Object.entries(formats)) await measure(format, how, set.slice(0, 3));
for (const round of [1, 2, 3]) {
  for (const [format, how] of Object.entries(formats)) {
    await client.command({ query: "TRUNCATE TABLE events" });
    results[`${format} ${round}`] = await measure(format, how, set);
  }
}
console.log(`${rows} rows a batch, ${batches} batches, µs of CPU per row (wall: time)`);
console.table(results);
const [stored] = await store.query(
  "SELECT count() AS n, uniqExact(id) AS ids, any(log.userAgent) AS agent FROM events",
);
console.log(stored);
await client.close();
await store.close();
await engine.stop();
rmSync(stateDir, { recursive: true, force: true });

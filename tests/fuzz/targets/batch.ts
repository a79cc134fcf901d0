import { crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import {
  BatchBuilder,
  type BatchHeader,
  decodeBatch,
  encodeNative,
  prefixBytes,
  uuidv7,
} from "@vedette/core/batch";
import { type Event, isVedetteError } from "@vedette/sdk";
import type { Target } from "../target.ts";

const events: readonly Event[] = [
  { id: "a".repeat(32), "@timestamp": "2026-01-15T12:00:00.000Z", dataType: "fuzz", raw: "one" },
  {
    id: "b".repeat(32),
    "@timestamp": "2026-01-15T12:00:01.000Z",
    dataType: "fuzz",
    dataSource: "web-1",
    origin: { ip: "192.0.2.1", port: 22, user: "anna", packagesSent: "7", bytesSent: 1.5 },
    log: { text: "value", number: 3, flag: true, list: ["a", "b"], deep: { a: { b: 1 } }, mixed: "x" },
    errors: ["first", "second"],
    statusCode: 404,
    raw: "two é",
  },
  {
    id: "c".repeat(32),
    "@timestamp": "2026-01-15T12:00:02.000Z",
    dataType: "fuzz",
    log: { mixed: 4 },
    compliance: { pci: { values: ["1.1"] } },
  },
];

function frameOf(rows: readonly Event[], codec: BatchHeader["codec"]): Buffer {
  const builder = new BatchBuilder("fuzz", { rows: 100, bytes: 1 << 20 });
  for (const [index, event] of rows.entries())
    builder.append(event, { source: "fuzz", offset: index, end: index + 1 });
  return builder.seal({ batchId: uuidv7(1_768_478_400_000), agentId: "fuzz", epoch: 1, sequence: 0, codec })
    .frame;
}

/** Makes lengths and checksum right again, so that what is behind them is reached. `mode` says how much is mended. */
function mended(input: Buffer): Buffer {
  const mode = (input[0] ?? 0) % 4;
  const bytes = Buffer.from(input.subarray(1));
  if (mode === 0 || bytes.length < prefixBytes) return bytes;
  const head = Math.min(bytes.readUInt32LE(4), bytes.length - prefixBytes);
  let body = bytes.subarray(prefixBytes + head);
  let header = bytes.subarray(prefixBytes, prefixBytes + head).toString("utf8");
  if (mode >= 2) {
    // The body was changed in the clear: pack it again and tell the header its size.
    header = header.replace(/"bodyBytes":\d+/, `"bodyBytes":${body.length}`);
    if (mode === 3) {
      header = header.replace('"codec":"none"', '"codec":"zstd"');
      body = zstdCompressSync(body);
    }
  }
  const headBytes = Buffer.from(header);
  const frame = Buffer.concat([bytes.subarray(0, prefixBytes), headBytes, body]);
  frame.writeUInt32LE(headBytes.length, 4);
  frame.writeUInt32LE(body.length, 8);
  frame.writeUInt32LE(crc32(frame.subarray(prefixBytes), crc32(frame.subarray(4, 12))), 12);
  return frame;
}

/** What an authenticated agent may send: a batch decodes and can be used, or fails as `batch.*` and fails alone. */
export const batch: Target = {
  name: "batch",
  words: [
    '"rows":3',
    '"codec":"zstd"',
    "origin.ip",
    "log.text",
    "\u0001\0\0\0",
    "Array(Nullable(String))",
    "VDT1",
  ],
  seeds: () => {
    const clear = frameOf(events, "none");
    const packed = frameOf(events, "zstd");
    const columns = frameOf(events, "lz4");
    // Not silently out of date: the seeds themselves must decode.
    decodeBatch(clear);
    decodeBatch(columns);
    zstdDecompressSync(packed.subarray(prefixBytes + packed.readUInt32LE(4)));
    return [2, 3, 1]
      .map((mode) => Buffer.concat([Buffer.from([mode]), clear]))
      .concat([packed, columns].map((frame) => Buffer.concat([Buffer.from([1]), frame])));
  },
  run(input) {
    const frame = mended(input);
    let decoded: ReturnType<typeof decodeBatch>;
    try {
      decoded = decodeBatch(frame);
    } catch (error) {
      if (isVedetteError(error) && error.code.startsWith("batch.")) return;
      throw error;
    }
    encodeNative(decoded);
    const rows = Math.min(decoded.rows, 50);
    for (const column of decoded.columns.values()) if ("codes" in column) column.codes();
    for (let row = 0; row < rows; row++) JSON.stringify(decoded.event(row));
  },
};

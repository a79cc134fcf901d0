import { crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import {
  atLine,
  BatchBuilder,
  type BatchHeader,
  decodeBatch,
  encodeNative,
  prefixBytes,
  type TextColumnBuilder,
  uuidv7,
  withChunk,
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

const stamp = { batchId: uuidv7(1_768_478_400_000), agentId: "fuzz", epoch: 1, sequence: 0 };

/** A batch of which texts are slices of their lines, few of them by themselves, beside texts by keys and near numbers. */
function slicedFrame(): Buffer {
  const builder = new BatchBuilder("fuzz", { rows: 1_000, bytes: 1 << 20 });
  const lines = Array.from({ length: 260 }, (_, row) => `GET /${row * 31} ${row % 7}`);
  const bytes = Buffer.from(`${lines.join("")}elsewhere`);
  withChunk(bytes, () => {
    let at = 0;
    for (const [row, line] of lines.entries()) {
      const end = at + line.length;
      atLine(at, end);
      const from = row % 90 === 5 ? bytes.length - 9 : at + 4;
      const text = (path: string) => builder.column(path) as TextColumnBuilder;
      for (const path of ["target.url", "log.text"])
        if (row % 50 !== 7) text(path).addSlice(row, bytes, from, Math.min(from + 9, bytes.length));
      text("log.few").addSlice(row, bytes, end - 1, end);
      builder.column("statusCode")!.add(row, 200 + row);
      builder.column("log.mixed")!.add(row, row % 2 ? row * 70_000 : `v${row % 3}`);
      builder.endRow(line.length);
      const facts = { time: 1_768_478_400_000 + row, dataSource: "web-1", tenantId: "t", agentId: "a" };
      builder.log("a".repeat(32), line, facts, { source: "fuzz", offset: at, end });
      at = end;
    }
  });
  return builder.seal(stamp).frame;
}

function frameOf(rows: readonly Event[], codec: BatchHeader["codec"]): Buffer {
  const builder = new BatchBuilder("fuzz", { rows: 100, bytes: 1 << 20 });
  for (const [index, event] of rows.entries())
    builder.append(event, { source: "fuzz", offset: index, end: index + 1 });
  return builder.seal({ ...stamp, codec }).frame;
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
    "\u0002\0\0\0",
    "\u0080\u0080\u0080\u0080\u000f",
  ],
  seeds: () => {
    const clear = frameOf(events, "none");
    const packed = frameOf(events, "zstd");
    const columns = frameOf(events, "lz4");
    // Not silently out of date: the seeds themselves must decode.
    decodeBatch(clear);
    decodeBatch(columns);
    const sliced = slicedFrame();
    decodeBatch(sliced);
    zstdDecompressSync(packed.subarray(prefixBytes + packed.readUInt32LE(4)));
    return [2, 3, 1]
      .map((mode) => Buffer.concat([Buffer.from([mode]), clear]))
      .concat([packed, columns, sliced].map((frame) => Buffer.concat([Buffer.from([1]), frame])));
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

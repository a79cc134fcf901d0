import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { VedetteError } from "@vedette/sdk";
import { z } from "zod";
import { checksum } from "../kernels/index.ts";
import { ByteWriter } from "./bytes.ts";
import { freeBytes, giveMemory, leastOwn, takeMemory } from "./memory.ts";

/** The bounds of what a decoder accepts, whoever sent it. */
export const frameLimits = {
  headerBytes: 64 * 1024,
  bodyBytes: 64 * 1024 * 1024,
  frameBytes: 72 * 1024 * 1024,
  rows: 100_000,
  columns: 4_096,
  sources: 256,
  /** Names and cursors of sources in one header, in characters. */
  sourceText: 24 * 1024,
} as const;

const name = z.string().min(1).max(200);
const count = z.int().min(0);

/** Form of a cursor: printable ASCII, at most 1 KiB. */
export const cursorText = /^[\x20-\x7e]{0,1024}$/;

/**
 * Which stretch of a source a batch holds: `from` up to, not including, `to`, in bytes or whatever the source counts, and
 * the source's own word for the place behind it. Keys of later versions are passed over.
 */
const stretch = z.object({
  source: name,
  from: count,
  to: count,
  cursor: z.string().regex(cursorText).optional(),
});
export type Stretch = z.infer<typeof stretch>;

/** What every batch says of itself. JSON in the frame, so that any tool can read it. */
export const batchHeader = z.strictObject({
  /** UUIDv7; also the deduplication token of the insert. */
  batchId: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  agentId: name,
  /** Counts the lives of an agent's spool; sequences start anew with it. */
  epoch: count,
  /** Position of the batch in the agent's order, without gaps within an epoch. */
  sequence: count,
  dataType: name,
  schema: z.int().min(1),
  rows: z.int().min(1).max(frameLimits.rows),
  /** Earliest and latest `@timestamp`, milliseconds since 1970. */
  minTime: z.int(),
  maxTime: z.int(),
  sources: z.array(stretch).max(frameLimits.sources),
  codec: z.enum(["none", "zstd", "lz4"]),
  /** Size of the body before compression; with `lz4`, of its columns, each up to a multiple of 8. */
  bodyBytes: count.max(frameLimits.bodyBytes),
});
export type BatchHeader = z.infer<typeof batchHeader>;

const magic = 0x3154_4456; // "VDT1", little endian
/** Bytes before the header: magic, header length, body length, CRC-32 of lengths, header and body. */
export const prefixBytes = 16;

const malformed = (why: string, cause?: unknown): VedetteError =>
  new VedetteError("batch.malformed", `The batch does not decode: ${why}.`, { verdict: "drop" }, { cause });

/** Wraps a body, as the header's codec says, into a frame. The result is final: one spool record, one gRPC message, one Kafka record. */
export function sealFrame(
  header: BatchHeader,
  body: Uint8Array,
): { readonly header: BatchHeader; readonly frame: Buffer } {
  const head = Buffer.from(JSON.stringify(header));
  const packed = header.codec === "zstd" ? compressed(body) : body;
  const size = prefixBytes + head.length + packed.length;
  const frame = takeMemory(size).subarray(0, size);
  frame.writeUInt32LE(magic, 0);
  frame.writeUInt32LE(head.length, 4);
  frame.writeUInt32LE(packed.length, 8);
  frame.set(head, prefixBytes);
  frame.set(packed, prefixBytes + head.length);
  if (packed !== body) freeBytes(packed);
  frame.writeUInt32LE(checksumOf(frame), 12);
  return { header, frame };
}

/** Room in front of a body that is written in its place: for the header and the directory, which are known last. */
const frontBytes = 4 << 10;
/** More is not taken in advance: it comes from a batch of unusually long lines. */
const mostExpected = 4 << 20;

/** Memory for the body of a frame that will have about so many bytes; for `frameOf`. */
export function beginFrame(expected: number): ByteWriter {
  const out = new ByteWriter(frontBytes + Math.min(Math.max(expected, frontBytes), mostExpected));
  out.room(frontBytes);
  return out;
}

/** Makes a frame of what was written behind `beginFrame`, and of what comes in front of it, without a copy of either. */
export function frameOf(
  header: BatchHeader,
  directory: Buffer,
  out: ByteWriter,
): { readonly header: BatchHeader; readonly frame: Buffer } {
  const head = Buffer.from(JSON.stringify(header));
  const front = prefixBytes + head.length + directory.length;
  if (front > frontBytes) out.shift(front - frontBytes);
  const frame = out.view().subarray(Math.max(0, frontBytes - front));
  frame.writeUInt32LE(magic, 0);
  frame.writeUInt32LE(head.length, 4);
  frame.writeUInt32LE(frame.length - prefixBytes - head.length, 8);
  frame.set(head, prefixBytes);
  frame.set(directory, prefixBytes + head.length);
  frame.writeUInt32LE(checksumOf(frame), 12);
  return { header, frame };
}

/**
 * A window of 128 KiB takes a sixth less time than the level's own 512 KiB, because its tables stay in the cache of a core, and
 * gives 3 % more bytes (docs/decisions/0051). Output comes in a piece that holds most bodies whole.
 */
const compressed = (body: Uint8Array): Buffer =>
  zstdCompressSync(body, {
    chunkSize: Math.max(leastOwn, body.length >>> 2),
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_windowLog]: 17 },
  });

/** Gives the memory of a frame that was sealed here to the next ones. Nobody may look at it any more. */
export const giveFrame = ({ buffer }: Buffer): void => giveMemory(Buffer.from(buffer));

const checksumOf = (frame: Buffer): number =>
  checksum(frame.subarray(prefixBytes), crc32(frame.subarray(4, 12)));

/** Size of the frame that starts here, from its first 16 bytes; undefined where no frame starts here. */
export function frameSize(prefix: Buffer): number | undefined {
  if (prefix.length < prefixBytes || prefix.readUInt32LE(0) !== magic) return undefined;
  const size = prefixBytes + prefix.readUInt32LE(4) + prefix.readUInt32LE(8);
  return size <= frameLimits.frameBytes ? size : undefined;
}

/**
 * Checks a frame's checksum and header without touching its body. Throws `batch.malformed` or `batch.newer_schema`. `body` gives
 * the body without the compression of the whole, so with `lz4` as it is.
 */
export function openFrame(
  frame: Buffer,
  schemaVersion: number,
): { readonly header: BatchHeader; body(): Buffer } {
  const size = frameSize(frame);
  if (size === undefined) throw malformed("it has no frame prefix");
  if (size !== frame.length) throw malformed(`it has ${frame.length} bytes where its prefix says ${size}`);
  if (checksumOf(frame) !== frame.readUInt32LE(12)) throw malformed("its checksum is wrong");
  const headBytes = frame.readUInt32LE(4);
  if (headBytes > frameLimits.headerBytes) throw malformed(`its header has ${headBytes} bytes`);
  const header = parseHeader(frame.subarray(prefixBytes, prefixBytes + headBytes), schemaVersion);
  return { header, body: () => frameBody(frame, header) };
}

/** The body of a frame that was opened before. */
export function frameBody(frame: Buffer, header: BatchHeader): Buffer {
  const packed = frame.subarray(prefixBytes + frame.readUInt32LE(4));
  if (header.codec === "lz4") return packed;
  return header.codec === "none" ? exactly(packed, header) : exactly(inflate(packed, header), header);
}

function parseHeader(bytes: Buffer, schemaVersion: number): BatchHeader {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw malformed("its header is not JSON", error);
  }
  const schema = (json as { schema?: unknown } | null)?.schema;
  if (typeof schema === "number" && schema > schemaVersion) {
    throw new VedetteError(
      "batch.newer_schema",
      `The batch has event schema ${schema}, this program knows ${schemaVersion}. Upgrade the collector first.`,
      { verdict: "drop" },
    );
  }
  const parsed = batchHeader.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw malformed(
      `its header is wrong at ${issue.path.join(".") || "the top"}: ${issue.message}`,
      parsed.error,
    );
  }
  return parsed.data;
}

function inflate(packed: Buffer, header: BatchHeader): Buffer {
  try {
    // One piece of the size that is known: by default Node collects pieces of 16 KiB and joins them.
    const most = Math.max(1, header.bodyBytes);
    return zstdDecompressSync(packed, {
      maxOutputLength: most,
      chunkSize: Math.max(constants.Z_MIN_CHUNK, most + 1),
    });
  } catch (error) {
    throw malformed("its body does not decompress", error);
  }
}

function exactly(body: Buffer, header: BatchHeader): Buffer {
  if (body.length !== header.bodyBytes) {
    throw malformed(`its body has ${body.length} bytes where its header says ${header.bodyBytes}`);
  }
  return body;
}

export { malformed };

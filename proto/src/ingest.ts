import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type ShipRequest,
  ShipRequestSchema,
  type ShipResponse,
  ShipResponseSchema,
} from "./gen/vedette/v1/ingest_pb.ts";
import { shipPath } from "./paths.ts";

const batchTag = 0x12; // ShipRequest.batch
const frameTag = 0x0a; // Batch.frame

/** What stands before the frame in a ShipRequest with a batch, so that the frame can be sent from where it lies. */
export function batchHead(frameBytes: number): Buffer {
  const inner = [frameTag, ...varint(frameBytes)];
  return Buffer.from([batchTag, ...varint(inner.length + frameBytes), ...inner]);
}

/** The frame in a ShipRequest as `batchHead` begins it, a view; undefined for any other message. */
export function frameOf(request: Buffer): Buffer | undefined {
  const inner = onlyField(request, batchTag);
  return inner && onlyField(inner, frameTag);
}

/** The content of a message that is one field of bytes and nothing else. */
function onlyField(message: Buffer, tag: number): Buffer | undefined {
  if (message[0] !== tag) return undefined;
  let length = 0;
  for (let at = 1, scale = 1; at <= 5; at++, scale *= 0x80) {
    const byte = message[at];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) return length === message.length - at - 1 ? message.subarray(at + 1) : undefined;
  }
  return undefined;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    bytes.push(rest < 0x80 ? rest : (rest & 0x7f) | 0x80);
    if (rest < 0x80) return bytes;
  }
}

/** The same bytes, not copied: a batch is large. */
const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/**
 * The `Ship` method in the form that @grpc/grpc-js takes for both clients and servers,
 * so that the generated code needs no gRPC runtime of its own.
 */
export const shipMethod = {
  path: shipPath,
  requestStream: true,
  responseStream: true,
  requestSerialize: (message: ShipRequest): Buffer => viewOf(toBinary(ShipRequestSchema, message)),
  requestDeserialize: (bytes: Buffer): ShipRequest => fromBinary(ShipRequestSchema, bytes),
  responseSerialize: (message: ShipResponse): Buffer => Buffer.from(toBinary(ShipResponseSchema, message)),
  responseDeserialize: (bytes: Buffer): ShipResponse => fromBinary(ShipResponseSchema, bytes),
} as const;

import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type ShipRequest,
  ShipRequestSchema,
  type ShipResponse,
  ShipResponseSchema,
} from "./gen/vedette/v1/ingest_pb.ts";

/** The same bytes, not copied: a batch is large. */
const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/**
 * The `Ship` method in the form that @grpc/grpc-js takes for both clients and servers,
 * so that the generated code needs no gRPC runtime of its own.
 */
export const shipMethod = {
  path: "/vedette.v1.Ingest/Ship",
  requestStream: true,
  responseStream: true,
  requestSerialize: (message: ShipRequest): Buffer => viewOf(toBinary(ShipRequestSchema, message)),
  requestDeserialize: (bytes: Buffer): ShipRequest => fromBinary(ShipRequestSchema, bytes),
  responseSerialize: (message: ShipResponse): Buffer => Buffer.from(toBinary(ShipResponseSchema, message)),
  responseDeserialize: (bytes: Buffer): ShipResponse => fromBinary(ShipResponseSchema, bytes),
} as const;

import { createHmac, timingSafeEqual } from "node:crypto";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type AttendRequest,
  AttendRequestSchema,
  type AttendResponse,
  AttendResponseSchema,
} from "./gen/vedette/v1/respond_pb.ts";

/** The `Attend` method in the form that `shipMethod` has. */
export const attendMethod = {
  path: "/vedette.v1.Respond/Attend",
  requestStream: true,
  responseStream: true,
  requestSerialize: (message: AttendRequest): Buffer => Buffer.from(toBinary(AttendRequestSchema, message)),
  requestDeserialize: (bytes: Buffer): AttendRequest => fromBinary(AttendRequestSchema, bytes),
  responseSerialize: (message: AttendResponse): Buffer =>
    Buffer.from(toBinary(AttendResponseSchema, message)),
  responseDeserialize: (bytes: Buffer): AttendResponse => fromBinary(AttendResponseSchema, bytes),
} as const;

/** Bytes of the nonce that an agent makes for each of its streams. */
export const nonceBytes = 32;

/** HMAC-SHA256 of a command, as `Sealed` carries it. */
export const commandMac = (key: string, nonce: Uint8Array, command: Uint8Array): Buffer =>
  createHmac("sha256", key).update(nonce).update(command).digest();

/** Whether a command was signed with the key, for the stream of this nonce. */
export function isSigned(key: string, nonce: Uint8Array, command: Uint8Array, mac: Uint8Array): boolean {
  const right = commandMac(key, nonce, command);
  return mac.length === right.length && timingSafeEqual(right, mac);
}

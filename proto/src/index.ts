export * from "./gen/vedette/v1/ingest_pb.ts";
export * from "./gen/vedette/v1/respond_pb.ts";
export { batchHead, frameOf, shipMethod } from "./ingest.ts";
export { attendMethod, commandMac, isSigned, nonceBytes } from "./respond.ts";

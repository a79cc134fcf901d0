export * from "./gen/vedette/v1/ingest_pb.ts";
export { batchHead, frameOf, shipMethod } from "./ingest.ts";

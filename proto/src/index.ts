export * from "./gen/vedette/v1/ingest_pb.ts";
export { shipMethod } from "./ingest.ts";

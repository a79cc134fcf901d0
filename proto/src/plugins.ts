export * from "./gen/plugins/plugins_pb.ts";
export * from "./gen/vedette/plugins/v1/batch_parsing_pb.ts";

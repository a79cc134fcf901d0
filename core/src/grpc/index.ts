/** gRPC over HTTP/2 for calls with streams both ways, on Node's own HTTP/2 (docs/decisions/0057). It knows no messages, only their bytes. */
export { Call, type CallEvents, type CallOptions } from "./client.ts";
export { type CallHandler, type GrpcServer, listenGrpc, type ServerCall } from "./server.ts";
export { type CallStatus, status } from "./status.ts";

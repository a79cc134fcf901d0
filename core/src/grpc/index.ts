/**
 * gRPC over HTTP/2 (docs/decisions/0057, 0283): long calls with streams both ways over TCP, and calls of one message over a Unix
 * socket. It knows no messages, only their bytes.
 */
export { CallError, Channel, type ChannelOptions } from "./channel.ts";
export { Call, type CallEvents, type CallOptions } from "./client.ts";
export {
  type CallHandler,
  type GrpcServer,
  listenGrpc,
  type Methods,
  type RefusedReason,
  type ServerCall,
  type ServerTls,
} from "./server.ts";
export { type CallStatus, status } from "./status.ts";
export { type ClientTls, nameOf, type PeerCertificate, wordOf } from "./tls.ts";

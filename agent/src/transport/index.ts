export { GrpcTransport } from "./grpc.ts";
export type { Outbox, Transport } from "./transport.ts";

export { GrpcTransport } from "./grpc.ts";
export type { OnAcknowledged } from "./session.ts";
export type { Outbox, Transport } from "./transport.ts";

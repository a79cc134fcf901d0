export { type Certificates, isEnrolled, openCertificates } from "./certificates.ts";
export { GrpcTransport } from "./grpc.ts";
export { openTransport } from "./open.ts";
export type { OnAcknowledged } from "./session.ts";
export { Shipping } from "./shipping.ts";
export type { Outbox, Transport } from "./transport.ts";

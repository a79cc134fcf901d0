// First of all: schemas are made as soon as the modules below are read.
import "./no-rings.ts";

export { hostPort, isLoopback, isLoopbackAddress, parseAddress } from "./address.ts";
export { agentIdForm, agentOfUri, agentUri } from "./agent-id.ts";
export * from "./capabilities/index.ts";
export * from "./connection/index.ts";
export * from "./context.ts";
export { CountedSource } from "./counted-source.ts";
export * from "./deps.ts";
export * from "./errors.ts";
export { eventId, firstOffset, idPrefix } from "./event-id.ts";
export * from "./input.ts";
export { kafkaAccess, kafkaAccessProblems, kafkaName } from "./kafka-access.ts";
export * from "./net/index.ts";
export { once } from "./once.ts";
export * from "./plugin.ts";
export * from "./schema/alert.ts";
export * from "./schema/asset.ts";
export * from "./schema/event.ts";
export { type Field, type FieldKind, type FieldMeta, fieldsOf } from "./schema/fields.ts";
export { type ActionTarget, type TargetType, targetTypes } from "./schema/target.ts";
export * from "./settings/index.ts";
export { type Text, textOf } from "./text.ts";
export {
  type TlsClientSettings,
  tlsClientOptions,
  tlsClientProblem,
  tlsClientSettings,
} from "./tls-client.ts";
export {
  examineTlsFiles,
  type TlsContent,
  TlsFiles,
  type TlsFinding,
  type TlsKey,
  type TlsPaths,
} from "./tls-files.ts";
export { type TlsServerSettings, tlsServerOptions, tlsServerSettings } from "./tls-server.ts";

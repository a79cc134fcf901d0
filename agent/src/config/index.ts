export { addressOf, type Carrier, type CollectorTarget, carrierOf } from "./carrier.ts";
export { collectorTarget } from "./collector.ts";
export type { FileInputConfig } from "./file-input.ts";
export { identityOf } from "./identity.ts";
export { type InputConfig, isFileInput, pluginSettings } from "./input-config.ts";
export { askersOf, type NftablesConfig, type RespondConfig } from "./respond.ts";
export { type AgentConfig, agentConfig, agentConfigOf } from "./schema.ts";
export { type CollectorTls, collectorTls } from "./tls.ts";

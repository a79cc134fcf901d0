export { createEgress, type Egress, type EgressSettings, egressSettings, type Resolver } from "./egress.ts";
export type { FetchOptions } from "./fetch.ts";

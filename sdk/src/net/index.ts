export { createEgress, type Egress, type EgressSettings, egressSettings, type Resolver } from "./egress.ts";
export type { FetchOptions } from "./fetch.ts";
export { type AddressRange, aliasesOf, covers, isSingle, overlaps, parseRange, rangeOf } from "./ranges.ts";

export { addRange, inList } from "./addresses.ts";
export { createEgress, type Egress, type EgressSettings, egressSettings, type Resolver } from "./egress.ts";
export type { FetchOptions } from "./fetch.ts";
export {
  canonicalTarget,
  type ListEntry,
  listEntry,
  NeverTouch,
  TargetList,
  withScope,
} from "./never-touch.ts";
export { holds, isSingle, type Prefix, parsePrefix, prefixText } from "./prefix.ts";

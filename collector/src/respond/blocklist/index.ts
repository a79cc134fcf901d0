export { Blocklist, type BlocklistName, blocklistNames, tagOf } from "./blocklist.ts";
export { type BouncerDecision, decisionOf, filterOf } from "./decisions.ts";

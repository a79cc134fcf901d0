export { derivedId, type RuleOptions } from "./compile-rule.ts";
export { createDetector, type Detector, type DetectorLimits } from "./detector.ts";
export { type LoadedRules, loadRules, parseRules } from "./load.ts";
export { detectorMetrics } from "./metrics.ts";
export type { Rule } from "./rule.ts";
export { ruleFile } from "./rule-schema.ts";
export type { RuleStats } from "./rule-state.ts";
export type { DetectorStats } from "./stats.ts";

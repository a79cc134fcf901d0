export { Intel, type IntelStatus, intelMetrics } from "./intel/index.ts";
export { type EnrichStage, openEnrichStage } from "./stage.ts";

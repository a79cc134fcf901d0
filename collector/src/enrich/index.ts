export { Intel, type IntelStatus } from "./intel/index.ts";
export { type EnrichStage, openEnrichStage } from "./stage.ts";

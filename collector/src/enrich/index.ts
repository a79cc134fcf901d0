export {
  type EnrichLimits,
  type EnrichStage,
  type EnrichStats,
  openEnrichStage,
} from "./stage.ts";

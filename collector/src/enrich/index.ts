export { type EnrichStage, openEnrichStage } from "./stage.ts";

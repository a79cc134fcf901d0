export { addHits, addHitsToEvent } from "./add-hits.ts";
export { Intel, type IntelDeps, type IntelStatus } from "./intel.ts";
export { intelMetrics } from "./metrics.ts";

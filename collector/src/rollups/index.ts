export { metrics, otherKeys } from "./metrics.ts";
export { Rollups } from "./rollups.ts";

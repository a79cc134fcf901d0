export { type ScaledDeps, ScaledDetection, type ScaledOptions } from "./detection.ts";

export type { Columns } from "../columns.ts";
export { type Bounds, rising, within } from "./bounds.ts";
export { type Correlation, type Member, neededMs, type Question } from "./correlation.ts";
export { Correlator, type CorrelatorLimits } from "./correlator.ts";
export type { Measure, MeasureKind } from "./measure.ts";
export type { Term } from "./occurrence.ts";
export type { CorrelatorStats } from "./stats.ts";
export { type ValueAt, valueAt } from "./values.ts";
export type { Shape } from "./window.ts";

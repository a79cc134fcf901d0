export {
  type AlertTemplate,
  type Identity,
  makeAlert,
  stableId,
} from "./alert.ts";
export { alertRef } from "./alert-ref.ts";
export { eventPathOf, type ValuesOfEvent, valuesOfAlert, valuesOfEvent } from "./alert-values.ts";
export { Arrivals } from "./arrivals.ts";
export { tacticOf, techniquesOf } from "./attack.ts";
export { type BodyLimits, EventRef } from "./bodies.ts";
export { checkHistory, type Verdict } from "./condition.ts";
export { goDuration, nowMinus } from "./duration.ts";
export { type PackedId, packed } from "./event-ids.ts";
export { eventTime } from "./event-time.ts";
export { Hash64 } from "./hash.ts";
export { History, type HistoryLimits, type HistoryNeed, type Sought, type Subscription } from "./history.ts";
export { KeyReader } from "./key-reader.ts";
export { AlertLedger, alertId } from "./ledger.ts";
export { EventMemory } from "./memory.ts";
export { RowHeads } from "./row-heads.ts";
export { branchesOf, compileSearch, placeholderOf, type Search } from "./search.ts";
export { count, type SearchRequest, searchRequest } from "./search-schema.ts";
export { circleIn, clustersOf, compileSigmaCorrelations, correlationSection } from "./sigma/index.ts";
export { tenantMark } from "./tenant.ts";
export { termOf, termsOf } from "./terms.ts";
export {
  type Columns,
  type Correlation,
  Correlator,
  type CorrelatorLimits,
  type CorrelatorStats,
  neededMs,
  type ValueAt,
  valueAt,
} from "./windows/index.ts";

export { Grouper } from "./grouper.ts";
export { IncidentStore, type RiskRow } from "./incident-store.ts";

export { type ApiKey, type ApiKeys, apiKeys, type NewKey, type Scope, scopes } from "./api-keys.ts";
export { type ControlDatabase, openControlDatabase } from "./database.ts";
export { examinePostgres } from "./examine.ts";
export { type ControlTarget, controlTarget } from "./target.ts";

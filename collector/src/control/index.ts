export { type ApiKey, type ApiKeys, apiKeys, type NewKey, type Scope, scopes } from "./api-keys.ts";
export { type ControlDatabase, openControlDatabase } from "./database.ts";
export { examinePostgres } from "./examine.ts";
export { isSealed, maxSecretBytes, openSecretBox, type RotatingBox, type SecretBox } from "./secret-box.ts";
export { type ControlTarget, controlTarget } from "./target.ts";

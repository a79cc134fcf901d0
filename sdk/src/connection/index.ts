export {
  type AnyConnectionType,
  type ConnectionDeps,
  type ConnectionSource,
  type ConnectionType,
  defineConnection,
} from "./connection.ts";
export { type CredentialKind, type CredentialMeta, credential } from "./credential.ts";
export { mapSecrets, placeSteps, putSecrets, secretPaths } from "./secret-paths.ts";

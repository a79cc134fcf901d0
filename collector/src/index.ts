import type { Redactor } from "@vedette/core/telemetry";
import { type AnyPlugin, type Clock, createEgress, type Deps, type Logger, VedetteError } from "@vedette/sdk";
import type { CollectorConfig } from "./config/index.ts";
import type { Connections } from "./connections/index.ts";
import type { ApiKeys, Rotation, SecretStore } from "./control/index.ts";
import type { EnrolledAgent, NewToken, TokenEntry } from "./fleet/index.ts";
import type { PackStore } from "./packs/index.ts";
import type { CollectorDeps, RunningCollector } from "./run.ts";

export { type CollectorConfig, collectorConfig } from "./config/index.ts";
export {
  createDetector,
  type Detector,
  type Explanation,
  explainRule,
  loadRules,
  Matcher,
  type Rule,
  RuleReader,
  valueSeparator,
} from "./detect/index.ts";
export { type EnrichStage, Intel, type IntelStatus, openEnrichStage } from "./enrich/index.ts";
export { plugins } from "./plugins.ts";
export { builtinRules, requireRules } from "./rules.ts";
export type { CollectorDeps, RunningCollector } from "./run.ts";
export { windowLimits } from "./window-limits.ts";

/** What says where a collector's control database is. */
export interface ControlPlace {
  readonly control: CollectorConfig["control"];
  readonly stateDir: string;
  readonly baseDir: string;
}

/** What makes, signs and checks packs of rules; see `packs/`. */
export type PackTools = typeof import("./packs/index.ts");

// What follows loads its parts on first use: most commands need neither gRPC nor HTTP nor a database.

/** Starts a collector; see `run.ts`. */
export async function startCollector(
  config: CollectorConfig,
  deps: CollectorDeps,
): Promise<RunningCollector> {
  return (await import("./run.ts")).startCollector(config, deps);
}

/**
 * Looks at the databases that a configuration names, as a collector would find them: what was looked at, and what was
 * found. Changes nothing. TLS files start at `baseDir`.
 */
export async function examineDatabases(
  config: CollectorConfig,
  baseDir: string,
  deps: { readonly log: Logger; readonly clock: Clock },
): Promise<
  { readonly what: string; readonly good: boolean; readonly said: string; readonly cure?: string }[]
> {
  const { controlTarget, examinePostgres } = await import("./control/index.ts");
  const { examineStore, retentionOf, storeTarget } = await import("./store/index.ts");
  const [control, server] = await Promise.all([
    controlTarget(config.control, config.stateDir, baseDir),
    storeTarget(config.store, baseDir),
  ]);
  const [stores, keys] = await Promise.all([
    server === undefined ? [] : examineStore(server, retentionOf(config.store), deps),
    control.kind === "postgres" ? examinePostgres(control) : undefined,
  ]);
  return [
    ...stores.map((found) => ({ what: "clickhouse", ...found })),
    ...(keys === undefined ? [] : [{ what: "postgresql", ...keys }]),
  ];
}

/** Loads a plugin folder as a collector does; throws with a sentence that says why it cannot be. */
export const loadPlugin = async (place: string): Promise<AnyPlugin> =>
  (await import("@vedette/core/plugin-folders")).loadPlugin(place);

/** The enrolled agents of a collector and their tokens, for tools with its configuration. */
export interface OpenedFleet {
  makeToken(token: NewToken): Promise<{ readonly text: string; readonly entry: TokenEntry }>;
  tokens(): Promise<TokenEntry[]>;
  revokeToken(id: string): Promise<boolean>;
  agents(): Promise<EnrolledAgent[]>;
  setRevoked(id: string, revoked: boolean): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens the control database of a collector for enrolment. Making a token makes the authority where there is none yet. */
export async function openFleet(
  { control: config, stateDir, baseDir }: ControlPlace,
  clock: Clock,
): Promise<OpenedFleet> {
  const [control, fleet] = await Promise.all([import("./control/index.ts"), import("./fleet/index.ts")]);
  const target = await control.controlTarget(config, stateDir, baseDir);
  const database = await control.openControlDatabase(target);
  return {
    makeToken: async (token) => {
      const box = control.openSecretBox(target, process.env);
      const { fingerprint } = await fleet.openAuthority(database, box, clock);
      return fleet.makeToken(database, fingerprint, token, clock);
    },
    tokens: () => fleet.listTokens(database),
    revokeToken: (id) => fleet.revokeToken(database, id, clock),
    agents: () => fleet.listAgents(database),
    setRevoked: (id, revoked) => fleet.setRevoked(database, id, revoked, clock),
    close: () => database.destroy(),
  };
}

/** The statements that make the store, and those that grant its user what it needs; see `store/ddl.ts`. */
export const storeDdl = async (): Promise<
  Pick<typeof import("./store/index.ts"), "grantStatements" | "retentionOf" | "schemaStatements">
> => import("./store/index.ts");

/** The secrets of a collector, for tools with its configuration. */
export interface OpenedSecrets {
  readonly secrets: SecretStore;
  /** Changes the key they are sealed with; see `control/rotate.ts`. */
  rotate(): Promise<Rotation>;
  close(): Promise<void>;
}

/**
 * Opens the secrets of a collector, with keys of the environment or beside them. With `onlyExisting` nothing is made: undefined
 * where there is no database yet.
 */
export async function openSecrets(
  { control: config, stateDir, baseDir }: ControlPlace,
  clock: Clock,
  { onlyExisting = false }: { readonly onlyExisting?: boolean } = {},
): Promise<OpenedSecrets | undefined> {
  const control = await import("./control/index.ts");
  const target = await control.controlTarget(config, stateDir, baseDir);
  if (onlyExisting && !control.hasControlDatabase(target)) return undefined;
  const box = control.openSecretBox(target, process.env);
  const database = await control.openControlDatabase(target);
  return {
    secrets: control.secretStore(database, box, clock),
    rotate: () => control.rotateSecrets(database, box, clock),
    close: () => database.destroy(),
  };
}

/** Opens the connections of a collector, for tools with its configuration: with the built-in plugins and those of its folders. */
export async function openConnections(
  config: CollectorConfig,
  { stateDir, baseDir }: ControlPlace,
  deps: Deps & { readonly redactor: Redactor },
): Promise<{ readonly connections: Connections; close(): Promise<void> }> {
  const [control, { Connections: Made, iconConnections }, { discoverPlugins }, { plugins: builtin }] =
    await Promise.all([
      import("./control/index.ts"),
      import("./connections/index.ts"),
      import("./plugin-host/index.ts"),
      import("./plugins.ts"),
    ]);
  const target = await control.controlTarget(config.control, stateDir, baseDir);
  const { redactor } = deps;
  const box = control.watchedBox(control.openSecretBox(target, process.env), (secret) =>
    redactor.know(secret),
  );
  const found = await discoverPlugins(config, baseDir, builtin);
  const icons = await iconConnections(config.iconPlugins, baseDir, { log: deps.log, isolation: undefined });
  const database = await control.openControlDatabase(target);
  const connections = new Made({
    ...{ log: deps.log, clock: deps.clock, signal: deps.signal, egress: createEgress(config.egress) },
    ...{ database, box, redactor, plugins: () => [...builtin, ...found.plugins, ...icons] },
  });
  return {
    connections,
    close: async () => {
      await connections.stop();
      await database.destroy();
    },
  };
}

/** Stored connections, for what runs beside a collector and may open its secrets. */
export interface StoredConnections {
  /** Settings with their secrets. Throws `connection.unknown`, for one of another owner or kind too, and `secret.unreadable`. */
  settings(name: string, owner: string, kind: string): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Opens the connections of a collector to read them. `know` is told each secret. Nothing is made: undefined where there is no
 * database yet.
 */
export async function openStoredConnections(
  { control: config, stateDir, baseDir }: ControlPlace,
  clock: Clock,
  know: (secret: unknown) => void,
): Promise<StoredConnections | undefined> {
  const [control, { connectionStore, wholeOf }] = await Promise.all([
    import("./control/index.ts"),
    import("./connections/index.ts"),
  ]);
  const target = await control.controlTarget(config, stateDir, baseDir);
  if (!control.hasControlDatabase(target)) return undefined;
  const box = control.watchedBox(control.openSecretBox(target, process.env), know);
  const database = await control.openControlDatabase(target);
  const store = connectionStore(database, box, clock);
  return {
    settings: async (name, owner, kind) => {
      const { connection, parts } = await store.reveal(name);
      if (connection.plugin === owner && connection.kind === kind) return wholeOf(parts);
      const message = `The connection "${name}" is of the kind ${connection.plugin}/${connection.kind}, not ${owner}/${kind}.`;
      throw new VedetteError("connection.unknown", message, { verdict: "drop" });
    },
    close: () => database.destroy(),
  };
}

export const packTools = (): Promise<PackTools> => import("./packs/index.ts");

/** Opens the packs of a collector, for tools with its configuration. */
export async function openPackStore(
  config: CollectorConfig,
  place: Pick<ControlPlace, "stateDir" | "baseDir">,
  clock: Clock,
): Promise<PackStore> {
  return (await import("./open-packs.ts")).packStore(config, place, clock);
}

/** Opens the API keys of a collector, for tools with its configuration. `stateDir` is absolute, TLS files start at `baseDir`. */
export async function openKeys(
  { control: config, stateDir, baseDir }: ControlPlace,
  clock: Clock,
): Promise<{ readonly keys: ApiKeys; close(): Promise<void> }> {
  const { apiKeys, controlTarget, openControlDatabase } = await import("./control/index.ts");
  const control = await openControlDatabase(await controlTarget(config, stateDir, baseDir));
  return { keys: apiKeys(control, clock), close: () => control.destroy() };
}

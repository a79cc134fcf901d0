import { isLoopback } from "@vedette/core/config";
import { messageOf, tlsClientOptions, tlsClientSettings, VedetteError } from "@vedette/sdk";
import type { ControlConfig } from "../config/index.ts";

/** A SQLite file below a directory. */
export interface SqliteTarget {
  readonly kind: "sqlite";
  readonly dir: string;
}

/** A database of a PostgreSQL server. */
export interface PostgresTarget {
  readonly kind: "postgres";
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Left out: what the environment or ~/.pgpass says, as for every client of PostgreSQL. */
  readonly password: string | undefined;
  /** Options of the connection; false connects without TLS. */
  readonly tls: false | Awaited<ReturnType<typeof tlsClientOptions>>;
  readonly connections: number;
  readonly timeoutMs: number;
}

/** Where the control database is. */
export type ControlTarget = SqliteTarget | PostgresTarget;

const defaultPort = 5432;

/**
 * What the configuration asks for. Reads the TLS files it names, relative to `baseDir`. Throws `config.invalid` where
 * a file cannot be read or a password would cross a network in the clear.
 */
export async function controlTarget(
  config: ControlConfig,
  stateDir: string,
  baseDir: string,
): Promise<ControlTarget> {
  if (config.url === undefined) return { kind: "sqlite", dir: stateDir };
  const url = new URL(config.url);
  const host = decodeURIComponent(url.hostname).replace(/^\[|\]$/g, "");
  const password = config.password ?? (url.password === "" ? undefined : decodeURIComponent(url.password));
  return {
    kind: "postgres",
    host,
    port: url.port === "" ? defaultPort : Number(url.port),
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username) || "vedette",
    password,
    tls: await tlsOf(config, host, baseDir),
    connections: config.connections,
    timeoutMs: config.timeoutSeconds * 1_000,
  };
}

async function tlsOf(config: ControlConfig, host: string, baseDir: string): Promise<PostgresTarget["tls"]> {
  if (config.dangerouslyAllowPlaintext && config.tls !== undefined)
    throw invalid("collector.control has both tls and dangerouslyAllowPlaintext; remove one of them.");
  if (config.dangerouslyAllowPlaintext || (config.tls === undefined && isLoopback(host))) return false;
  try {
    return await tlsClientOptions(config.tls ?? tlsClientSettings.parse({}), baseDir);
  } catch (error) {
    throw invalid(`A file of collector.control.tls cannot be read: ${messageOf(error)}`, error);
  }
}

const invalid = (message: string, cause?: unknown): VedetteError =>
  new VedetteError("config.invalid", message, { verdict: "stop" }, { cause });

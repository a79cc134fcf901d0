import type { z } from "zod";
import type { Deps, Health } from "../deps.ts";
import type { Egress } from "../net/index.ts";

/** What a connection works with. `signal` aborts when its test, or the collector, ends. */
export interface ConnectionDeps extends Deps {
  /** The only way out: refuses loopback and metadata addresses unless the configuration allows them. */
  readonly egress: Egress;
}

/**
 * A kind of connection: what is needed to reach a system, and how. People make named connections of it, which any
 * capability of the plugin uses: `await context.connection(jira, "production")`.
 */
export interface ConnectionType<Settings, Client = Settings> {
  readonly title: string;
  /** What it is for and what it needs there, such as rights of the user. */
  readonly description?: string;
  /** A strict object, bounded and described. Secrets are those of `credential`, so by their type. */
  readonly settings: z.ZodType<Settings>;
  /** Proves the credentials: healthy, or a message that says what to correct. Throwing is an error with that message. */
  test?(settings: Settings, deps: ConnectionDeps): Promise<Health>;
  /** Connections with the same key share a client. Default: a hash of all settings. */
  cacheKey?(settings: Settings): string;
  /**
   * Makes the client that capabilities get. Called once per key, and again after the settings changed. Should not use the
   * network: a system that is away is then an error of the one call. Default: the settings themselves.
   */
  open?(settings: Settings, deps: ConnectionDeps): Client | Promise<Client>;
  /** Ends a client that nobody uses any more. */
  close?(client: Client): void | Promise<void>;
}

/** Any kind of connection. */
// biome-ignore lint/suspicious/noExplicitAny: settings are contravariant in `open`, as for AnyPlugin.
export type AnyConnectionType = ConnectionType<any, any>;

/** Opens named connections; part of what hooks of plugins work with. */
export interface ConnectionSource {
  /**
   * The client of a connection, shared by all that ask for it and made anew when its settings changed. Throws
   * `connection.unknown` where there is none of this name and kind, `secret.unreadable`, and `connection.failed`.
   * Good until the hook returns: ask again in the next call.
   */
  connection<Settings, Client>(kind: ConnectionType<Settings, Client>, name: string): Promise<Client>;
}

/** Checks a kind of connection and returns it. */
export function defineConnection<Settings, Client = Settings>(
  kind: ConnectionType<Settings, Client>,
): ConnectionType<Settings, Client> {
  if (!("shape" in kind.settings))
    throw new TypeError(`The connection "${kind.title}": its settings must be an object.`);
  const unknown = kind.settings.safeParse({ noSuchSetting: 1 }).error?.issues ?? [];
  if (!unknown.some(({ code }) => code === "unrecognized_keys"))
    throw new TypeError(`The connection "${kind.title}": its settings accept an unknown key.`);
  return kind;
}

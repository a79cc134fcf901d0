import type { Insertable, Selectable } from "kysely";

/** Times are milliseconds since 1970; flags are 0 or 1: both SQLite and PostgreSQL hold them alike. */
export interface ControlSchema {
  api_keys: ApiKeysTable;
  settings: SettingsTable;
  plugin_settings: PluginSettingsTable;
  plugin_state: PluginStateTable;
  assets: AssetsTable;
  secrets: SecretsTable;
  connections: ConnectionsTable;
}

export interface ApiKeysTable {
  id: string;
  name: string;
  /** First characters of the key: finds the row without hashing anything. */
  prefix: string;
  /** SHA-256 of the whole key, hexadecimal. */
  hash: string;
  /** Scopes separated by commas. */
  scopes: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

interface SettingsTable {
  name: string;
  /** JSON. */
  value: string;
  updated_at: number;
}

interface PluginSettingsTable {
  plugin: string;
  key: string;
  /** JSON, sealed where it is a secret. */
  value: string;
  sealed: number;
  updated_at: number;
}

interface PluginStateTable {
  plugin: string;
  key: string;
  /** JSON. */
  value: string;
  updated_at: number;
}

interface AssetsTable {
  plugin: string;
  id: string;
  /** JSON. */
  document: string;
  active: number;
  first_seen: number;
  last_seen: number;
}

interface SecretsTable {
  name: string;
  /** Sealed under `secret/<name>`. */
  sealed: string;
  created_at: number;
  updated_at: number;
}

export interface ConnectionsTable {
  name: string;
  plugin: string;
  /** The kind of connection among those of the plugin. */
  kind: string;
  /** JSON, without what is secret. */
  settings: string;
  /** JSON: each secret by its path, as JSON sealed under `connection/<name>/<path>`. */
  sealed: string;
  /** Grows with every change of the settings. */
  version: number;
  created_at: number;
  updated_at: number;
  tested_at: number | null;
  /** The version that was tested. */
  tested_version: number | null;
  test_status: string | null;
  test_message: string | null;
}

export type ConnectionRow = Selectable<ConnectionsTable>;
export type ApiKeyRow = Selectable<ApiKeysTable>;
export type NewApiKeyRow = Insertable<ApiKeysTable>;

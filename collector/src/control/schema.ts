import type { Insertable, Selectable } from "kysely";

/** Times are milliseconds since 1970; flags are 0 or 1: both SQLite and PostgreSQL hold them alike. */
export interface ControlSchema {
  api_keys: ApiKeysTable;
  settings: SettingsTable;
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

export type ApiKeyRow = Selectable<ApiKeysTable>;
export type NewApiKeyRow = Insertable<ApiKeysTable>;

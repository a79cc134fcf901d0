import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { uuidv7 } from "@vedette/core/batch";
import type { Clock } from "@vedette/sdk";
import type { ControlDatabase } from "./database.ts";
import type { ApiKeyRow } from "./schema.ts";

/**
 * What a key may do: `read` asks, `operate` also works on alerts (changes them, silences and excludes), `admin` also changes
 * everything else, `ingest` only sends events, `feed` only reads the block lists.
 */
export const scopes = ["read", "operate", "admin", "ingest", "feed"] as const;
export type Scope = (typeof scopes)[number];

/** An API key without its secret. Times are milliseconds since 1970. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly lastUsedAt?: number;
}

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt?: number;
}

export interface ApiKeys {
  /** Makes a key. The answer is the only time the secret is seen. */
  create(key: NewKey): Promise<{ readonly key: ApiKey; readonly secret: string }>;
  /** Keys that are not revoked, the newest first. */
  list(): Promise<ApiKey[]>;
  /** Ends a key at once; false where there is none. */
  revoke(id: string): Promise<boolean>;
  /** The key of a secret, if it is valid now. */
  verify(secret: string): Promise<ApiKey | undefined>;
  /** True once a key was ever made, even if it is revoked by now: from then on a key is needed. */
  any(): Promise<boolean>;
}

const form = /^vdt_([A-Za-z0-9]{10})_([A-Za-z0-9_-]{43})$/;
/** `last_used_at` is written at most this often per key, so that reading does not become writing. */
const useEvery = 60_000;
const maxKeys = 1_000;

export function apiKeys(database: ControlDatabase, clock: Clock): ApiKeys {
  const table = "api_keys";
  let everMade = false;
  return {
    async create({ name, scopes: granted, expiresAt }) {
      const { total } = await database
        .selectFrom(table)
        .select((query) => query.fn.countAll<number>().as("total"))
        .where("revoked_at", "is", null)
        .executeTakeFirstOrThrow();
      if (Number(total) >= maxKeys) throw new RangeError(`There are ${maxKeys} keys already; revoke some.`);
      const prefix = randomBytes(16)
        .toString("base64url")
        .replaceAll(/[-_]/g, "")
        .slice(0, 10)
        .padEnd(10, "0");
      const secret = `vdt_${prefix}_${randomBytes(32).toString("base64url")}`;
      const row: ApiKeyRow = {
        id: uuidv7(clock.now()),
        name,
        prefix,
        hash: sha256(secret).toString("hex"),
        scopes: [...new Set(granted)].join(","),
        created_at: clock.now(),
        expires_at: expiresAt ?? null,
        last_used_at: null,
        revoked_at: null,
      };
      await database.insertInto(table).values(row).execute();
      everMade = true;
      return { key: keyOf(row), secret };
    },

    async list() {
      const rows = await database
        .selectFrom(table)
        .selectAll()
        .where("revoked_at", "is", null)
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .execute();
      return rows.map(keyOf);
    },

    async revoke(id) {
      const { numUpdatedRows } = await database
        .updateTable(table)
        .set({ revoked_at: clock.now() })
        .where("id", "=", id)
        .where("revoked_at", "is", null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async verify(secret) {
      // The form is checked before anything is read or hashed: a flood of junk costs a regular expression each.
      const match = form.exec(secret);
      if (!match) return undefined;
      const row = await database
        .selectFrom(table)
        .selectAll()
        .where("prefix", "=", match[1]!)
        .executeTakeFirst();
      if (!row || !timingSafeEqual(Buffer.from(row.hash, "hex"), sha256(secret))) return undefined;
      const now = clock.now();
      if (row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= now)) return undefined;
      if (row.last_used_at === null || now - row.last_used_at >= useEvery)
        await database.updateTable(table).set({ last_used_at: now }).where("id", "=", row.id).execute();
      return keyOf(row);
    },

    async any() {
      // Keys are revoked, never deleted, so the answer only ever turns from no to yes. Another process may make one.
      if (!everMade) everMade = (await database.selectFrom(table).select("id").limit(1).execute()).length > 0;
      return everMade;
    },
  };
}

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

const keyOf = (row: ApiKeyRow): ApiKey => ({
  id: row.id,
  name: row.name,
  prefix: `vdt_${row.prefix}`,
  scopes: row.scopes.split(",") as Scope[],
  createdAt: Number(row.created_at),
  ...(row.expires_at === null ? {} : { expiresAt: Number(row.expires_at) }),
  ...(row.last_used_at === null ? {} : { lastUsedAt: Number(row.last_used_at) }),
});

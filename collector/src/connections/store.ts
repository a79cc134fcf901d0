import { type Clock, type Health, VedetteError } from "@vedette/sdk";
import { z } from "zod";
import {
  type ConnectionRow,
  type ControlDatabase,
  connectionSealedAs,
  type SecretBox,
  takeSealingTurn,
} from "../control/index.ts";
import type { Parts } from "./parts.ts";

/** What a connection may be called. */
export const connectionName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    "must be 1 to 63 of a-z, 0-9, dot, hyphen and underscore, a letter or digit first",
  );

/** How the last test ended. */
export interface TestOutcome {
  readonly status: Health["status"];
  readonly message: string;
}

/** A connection without its secrets. Times are milliseconds since 1970. */
export interface Connection {
  readonly name: string;
  readonly plugin: string;
  readonly kind: string;
  /** Grows with every change. */
  readonly version: number;
  /** Settings without secrets. */
  readonly open: unknown;
  /** Paths of the secrets that are set. */
  readonly secrets: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
  /** `current` is false once the settings were changed after it. */
  readonly test?: TestOutcome & { readonly at: number; readonly current: boolean };
}

/** Named connections in the control database; each secret is sealed by itself. */
export interface ConnectionStore {
  /** All of them by name. */
  list(): Promise<Connection[]>;
  /** Throws `connection.unknown`. */
  get(name: string): Promise<Connection>;
  /** The version, to see whether it changed; undefined where there is none of this name. */
  version(name: string): Promise<number | undefined>;
  /** With its secrets. Throws `connection.unknown` and `secret.unreadable`, which names the secret. */
  reveal(name: string): Promise<{ readonly connection: Connection; readonly parts: Parts }>;
  /** Throws `connection.conflict` where there is one of this name, a RangeError over the bounds. */
  create(
    name: string,
    of: { readonly plugin: string; readonly kind: string },
    parts: Parts,
  ): Promise<Connection>;
  /** Replaces the settings of that version. Throws `connection.unknown` and `connection.conflict`. */
  update(name: string, version: number, parts: Parts): Promise<Connection>;
  /** False where there is none. */
  remove(name: string): Promise<boolean>;
  /** Keeps the outcome of a test of that version. */
  tested(name: string, version: number, outcome: TestOutcome): Promise<void>;
}

export const connectionLimits = {
  count: 500,
  settingsBytes: 65_536,
  secrets: 200,
  messageLength: 1_000,
} as const;

const table = "connections";

export function connectionStore(database: ControlDatabase, box: SecretBox, clock: Clock): ConnectionStore {
  const row = async (name: string, from: ControlDatabase = database): Promise<ConnectionRow> => {
    const found = await from.selectFrom(table).selectAll().where("name", "=", name).executeTakeFirst();
    if (found) return found;
    throw new VedetteError("connection.unknown", `There is no connection "${name.slice(0, 80)}".`, {
      verdict: "drop",
    });
  };
  const columnsOf = (name: string, { open, secrets }: Parts) => {
    const settings = JSON.stringify(open);
    const entries = Object.entries(secrets);
    if (
      Buffer.byteLength(settings) > connectionLimits.settingsBytes ||
      entries.length > connectionLimits.secrets
    )
      throw new RangeError(
        `A connection has at most ${connectionLimits.settingsBytes} bytes of settings and ${connectionLimits.secrets} secrets.`,
      );
    const sealed = entries.map(([path, secret]) => [
      path,
      box.seal(connectionSealedAs(name, path), JSON.stringify(secret)),
    ]);
    return { settings, sealed: JSON.stringify(Object.fromEntries(sealed)) };
  };
  /** A sealing turn, so that a rotation of keys loses none of this. */
  const inTurn = <T>(work: (transaction: ControlDatabase, now: number) => Promise<T>): Promise<T> =>
    database.transaction().execute(async (transaction) => {
      const now = clock.now();
      await takeSealingTurn(transaction, now);
      return work(transaction, now);
    });

  return {
    async list() {
      return (await database.selectFrom(table).selectAll().orderBy("name").execute()).map(connectionOf);
    },
    get: async (name) => connectionOf(await row(name)),

    async version(name) {
      const found = await database
        .selectFrom(table)
        .select("version")
        .where("name", "=", name)
        .executeTakeFirst();
      return found?.version;
    },

    async reveal(name) {
      const found = await row(name);
      const sealed = Object.entries(JSON.parse(found.sealed) as Record<string, string>);
      const secrets = sealed.map(([path, text]): [string, unknown] => [
        path,
        JSON.parse(box.open(connectionSealedAs(name, path), text)),
      ]);
      const parts = { open: JSON.parse(found.settings) as unknown, secrets: Object.fromEntries(secrets) };
      return { connection: connectionOf(found), parts };
    },

    create: (name, { plugin, kind }, parts) =>
      inTurn(async (transaction, now) => {
        const there = await transaction.selectFrom(table).select("name").execute();
        if (there.some((each) => each.name === name))
          throw conflict(`There is a connection "${name}" already.`);
        if (there.length >= connectionLimits.count)
          throw new RangeError(`There are ${connectionLimits.count} connections already; remove some.`);
        const made: ConnectionRow = {
          ...{ name, plugin, kind, ...columnsOf(name, parts), version: 1, created_at: now, updated_at: now },
          ...{ tested_at: null, tested_version: null, test_status: null, test_message: null },
        };
        await transaction.insertInto(table).values(made).execute();
        return connectionOf(made);
      }),

    update: (name, version, parts) =>
      inTurn(async (transaction, now) => {
        const before = await row(name, transaction);
        if (before.version !== version)
          throw conflict(
            `The connection "${name}" is at version ${before.version} by now, not ${version}: somebody else changed it.`,
          );
        const changed = { ...columnsOf(name, parts), version: version + 1, updated_at: now };
        await transaction.updateTable(table).set(changed).where("name", "=", name).execute();
        return connectionOf({ ...before, ...changed });
      }),

    async remove(name) {
      const { numDeletedRows } = await database.deleteFrom(table).where("name", "=", name).executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async tested(name, version, { status, message }) {
      const outcome = {
        ...{ tested_at: clock.now(), tested_version: version, test_status: status },
        test_message: message.slice(0, connectionLimits.messageLength),
      };
      await database
        .updateTable(table)
        .set(outcome)
        .where("name", "=", name)
        .where("version", "=", version)
        .execute();
    },
  };
}

const conflict = (message: string): VedetteError =>
  new VedetteError("connection.conflict", message, { verdict: "drop" });

const connectionOf = (row: ConnectionRow): Connection => ({
  ...{ name: row.name, plugin: row.plugin, kind: row.kind, version: row.version },
  open: JSON.parse(row.settings) as unknown,
  secrets: Object.keys(JSON.parse(row.sealed) as object),
  ...{ createdAt: row.created_at, updatedAt: row.updated_at },
  ...(row.tested_at === null
    ? {}
    : {
        test: {
          status: row.test_status as Health["status"],
          message: row.test_message ?? "",
          ...{ at: row.tested_at, current: row.tested_version === row.version },
        },
      }),
});

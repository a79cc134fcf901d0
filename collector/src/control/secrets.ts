import type { Clock } from "@vedette/sdk";
import { z } from "zod";
import type { ControlDatabase } from "./database.ts";
import { takeSealingTurn } from "./sealing-turn.ts";
import type { SecretBox } from "./secret-box.ts";

/** What a secret may be called, as in `${secret:name}`. */
export const secretName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/,
    "Expected 1 to 100 letters, digits, dots, hyphens and underscores, a letter or digit first",
  );

/** A secret without its text. Times are milliseconds since 1970. */
export interface SecretEntry {
  readonly name: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Whether it can be opened with the keys at hand; else why not. */
  readonly problem?: string;
}

/** Secrets that a configuration file names, `${secret:name}`. */
export interface SecretStore {
  /** Sets or replaces one; true where it is new. Throws a RangeError for a bad name, an empty text or one over the bounds. */
  set(name: string, text: string): Promise<boolean>;
  /** The text; undefined where there is none of this name. Throws `secret.unreadable`. */
  get(name: string): Promise<string | undefined>;
  /** All of them by name. */
  list(): Promise<SecretEntry[]>;
  /** False where there is none. */
  remove(name: string): Promise<boolean>;
}

const maxSecrets = 1_000;
const table = "secrets";

/** Under which name the text of a secret is sealed. */
export const sealedAs = (name: string): string => `secret/${name}`;

export function secretStore(database: ControlDatabase, box: SecretBox, clock: Clock): SecretStore {
  return {
    async set(name, text) {
      const problem = secretName.safeParse(name).error?.issues[0]?.message;
      if (problem !== undefined)
        throw new RangeError(`"${name.slice(0, 120)}" is no name of a secret. ${problem}.`);
      if (text === "") throw new RangeError(`The secret "${name}" is empty.`);
      return database.transaction().execute(async (transaction) => {
        const now = clock.now();
        await takeSealingTurn(transaction, now);
        const there = await transaction.selectFrom(table).select("name").execute();
        const isNew = !there.some((each) => each.name === name);
        if (isNew && there.length >= maxSecrets)
          throw new RangeError(`There are ${maxSecrets} secrets already; remove some.`);
        const sealed = box.seal(sealedAs(name), text);
        await transaction
          .insertInto(table)
          .values({ name, sealed, created_at: now, updated_at: now })
          .onConflict((conflict) => conflict.column("name").doUpdateSet({ sealed, updated_at: now }))
          .execute();
        return isNew;
      });
    },

    async get(name) {
      const row = await database
        .selectFrom(table)
        .select("sealed")
        .where("name", "=", name)
        .executeTakeFirst();
      return row && box.open(sealedAs(name), row.sealed);
    },

    async list() {
      const rows = await database.selectFrom(table).selectAll().orderBy("name").execute();
      return rows.map(({ name, sealed, created_at, updated_at }) => {
        const problem = problemOf(() => box.open(sealedAs(name), sealed));
        return {
          ...{ name, createdAt: created_at, updatedAt: updated_at },
          ...(problem === undefined ? {} : { problem }),
        };
      });
    },

    async remove(name) {
      const { numDeletedRows } = await database.deleteFrom(table).where("name", "=", name).executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

function problemOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

import { type Clock, isVedetteError } from "@vedette/sdk";
import type { ControlDatabase } from "./database.ts";
import { takeSealingTurn } from "./sealing-turn.ts";
import type { RotatingBox } from "./secret-box.ts";
import { sealedAs } from "./secrets.ts";

/** What a rotation did. */
export interface Rotation {
  /** Sealed texts that were sealed again. */
  readonly renewed: number;
  /** Those that no key opens, with the reason. They stay as they are. */
  readonly unreadable: readonly string[];
  /** What an operator has left to do; undefined where that is nothing. */
  readonly left: string | undefined;
}

type Reseal = (name: string, sealed: string) => string;

/** Where sealed texts are: one column of a table, each of whose values holds one or several. */
interface Holder {
  /** Rows behind a place, in order. */
  page(database: ControlDatabase, after: string, limit: number): Promise<{ at: string; text: string }[]>;
  /** The column's value with every sealed text replaced. */
  change(at: string, text: string, reseal: Reseal): string;
  write(database: ControlDatabase, at: string, text: string): Promise<unknown>;
}

/** Tables whose rows have a name, and what is sealed in one column. */
const named = (table: "secrets" | "connections"): Pick<Holder, "page" | "write"> => ({
  page: (database, after, limit) =>
    database
      .selectFrom(table)
      .select(["name as at", "sealed as text"])
      .where("name", ">", after)
      .orderBy("name")
      .limit(limit)
      .execute(),
  write: (database, name, sealed) =>
    database.updateTable(table).set({ sealed }).where("name", "=", name).execute(),
});

const secrets: Holder = {
  ...named("secrets"),
  change: (at, text, reseal) => reseal(sealedAs(at), text),
};

const connections: Holder = {
  ...named("connections"),
  change: (at, text, reseal) => {
    const sealed = JSON.parse(text) as Record<string, string>;
    const renewed = Object.entries(sealed).map(([path, each]) => [
      path,
      reseal(connectionSealedAs(at, path), each),
    ]);
    return JSON.stringify(Object.fromEntries(renewed));
  },
};

/** `at` is plugin and key with a character between them that neither has. */
const pluginSettings: Holder = {
  page: async (database, after, limit) => {
    const [plugin = "", key = ""] = after.split("\n");
    const rows = await database
      .selectFrom("plugin_settings")
      .select(["plugin", "key", "value as text"])
      .where("sealed", "=", 1)
      .where((each) =>
        each.or([
          each("plugin", ">", plugin),
          each.and([each("plugin", "=", plugin), each("key", ">", key)]),
        ]),
      )
      .orderBy("plugin")
      .orderBy("key")
      .limit(limit)
      .execute();
    return rows.map((row) => ({ at: `${row.plugin}\n${row.key}`, text: row.text }));
  },
  change: (at, text, reseal) => reseal(`plugin/${at.replace("\n", "/")}`, text),
  write: (database, at, value) => {
    const [plugin = "", key = ""] = at.split("\n");
    const update = database.updateTable("plugin_settings").set({ value });
    return update.where("plugin", "=", plugin).where("key", "=", key).execute();
  },
};

const authorities: Holder = {
  page: (database, after, limit) =>
    database
      .selectFrom("authorities")
      .select(["id as at", "sealed as text"])
      .where("id", ">", after)
      .orderBy("id")
      .limit(limit)
      .execute(),
  change: (at, text, reseal) => reseal(authoritySealedAs(at), text),
  write: (database, id, sealed) =>
    database.updateTable("authorities").set({ sealed }).where("id", "=", id).execute(),
};

/** `at` is job and step with a character between them that neither has. */
const jobSteps: Holder = {
  page: async (database, after, limit) => {
    const [job = "", key = ""] = after.split("\n");
    const rows = await database
      .selectFrom("job_steps")
      .select(["job_id", "key", "sealed"])
      .where("sealed", "is not", null)
      .where((each) =>
        each.or([each("job_id", ">", job), each.and([each("job_id", "=", job), each("key", ">", key)])]),
      )
      .orderBy("job_id")
      .orderBy("key")
      .limit(limit)
      .execute();
    return rows.map((row) => ({ at: `${row.job_id}\n${row.key}`, text: row.sealed ?? "" }));
  },
  change: (at, text, reseal) => {
    const [job = "", key = ""] = at.split("\n");
    return reseal(jobSealedAs(job, key), text);
  },
  write: (database, at, sealed) => {
    const [job = "", key = ""] = at.split("\n");
    const update = database.updateTable("job_steps").set({ sealed });
    return update.where("job_id", "=", job).where("key", "=", key).execute();
  },
};

/** Under which name the output of a step of a job is sealed. */
export const jobSealedAs = (job: string, key: string): string => `job/${job}/${key}`;

/** Under which name the key of an authority is sealed. */
export const authoritySealedAs = (id: string): string => `authority/${id}`;

/** Under which name a secret of a connection is sealed. */
export const connectionSealedAs = (name: string, path: string): string => `connection/${name}/${path}`;

/** Every place that holds sealed texts. A table that is forgotten here loses its secrets with the old key. */
const holders: readonly Holder[] = [secrets, connections, pluginSettings, jobSteps, authorities];

const pageSize = 50;

/**
 * Changes the key: a new one comes first, everything is sealed again, the old one is forgotten when nothing needs it. A run
 * that was cut off is continued by the next. Programs that run meanwhile go on sealing and opening. Throws `secret.key`.
 */
export async function rotateSecrets(
  database: ControlDatabase,
  box: RotatingBox,
  clock: Clock,
): Promise<Rotation> {
  await inTurn(database, clock, async () => box.beginRotation());
  let renewed = 0;
  const unreadable = new Map<string, string>();
  const reseal: Reseal = (name, sealed) => {
    if (!box.stale(sealed)) return sealed;
    try {
      const again = box.seal(name, box.open(name, sealed));
      renewed++;
      return again;
    } catch (error) {
      if (!isVedetteError(error) || error.code !== "secret.unreadable") throw error;
      unreadable.set(name, error.message);
      return sealed;
    }
  };
  for (const holder of holders) {
    for (let after: string | undefined = ""; after !== undefined; ) {
      const from: string = after;
      after = await inTurn(database, clock, (transaction) => renewPage(transaction, holder, from, reseal));
    }
  }
  // Once more in one turn: what was sealed with the old key before the new one came is written by now, or never will be.
  // The old key goes only when such a turn had nothing to write, as a commit that failed would need it again.
  for (;;) {
    const ended = await inTurn(database, clock, async (transaction) => {
      const before = renewed;
      for (const holder of holders) {
        for (let after: string | undefined = ""; after !== undefined; )
          after = await renewPage(transaction, holder, after, reseal);
      }
      return renewed === before ? { left: box.endRotation() } : undefined;
    });
    if (ended) return { renewed, unreadable: [...unreadable.values()], left: ended.left };
  }
}

const inTurn = <T>(
  database: ControlDatabase,
  clock: Clock,
  work: (transaction: ControlDatabase) => Promise<T>,
): Promise<T> =>
  database.transaction().execute(async (transaction) => {
    await takeSealingTurn(transaction, clock.now());
    return work(transaction);
  });

/** The place of the last row; undefined at the end. */
async function renewPage(
  transaction: ControlDatabase,
  holder: Holder,
  after: string,
  reseal: Reseal,
): Promise<string | undefined> {
  const rows = await holder.page(transaction, after, pageSize);
  for (const { at, text } of rows) {
    const changed = holder.change(at, text, reseal);
    if (changed !== text) await holder.write(transaction, at, changed);
  }
  return rows.length < pageSize ? undefined : rows.at(-1)!.at;
}

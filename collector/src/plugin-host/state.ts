import { type PluginState, VedetteError } from "@vedette/sdk";
import type { ControlDatabase } from "../control/index.ts";

const maxKeys = 1_000;
const maxBytes = 256 * 1_024;

const refused = (plugin: string, why: string): VedetteError =>
  new VedetteError("plugin.failed", `The plugin "${plugin}" cannot keep that: ${why}`, { verdict: "drop" });

/** What a plugin keeps, in the control database: durable when `set` resolves. */
export function pluginState(plugin: string, database: ControlDatabase, now: () => number): PluginState {
  const table = "plugin_state";
  return {
    async get<Value>(key: string) {
      const row = await database
        .selectFrom(table)
        .select("value")
        .where("plugin", "=", plugin)
        .where("key", "=", key)
        .executeTakeFirst();
      return row === undefined ? undefined : (JSON.parse(row.value) as Value);
    },
    async set(key, value) {
      const text = JSON.stringify(value) as string | undefined;
      if (key.length === 0 || key.length > 200) throw refused(plugin, "a key has 1 to 200 characters.");
      if (text === undefined || text.length > maxBytes)
        throw refused(plugin, `a value is JSON of at most ${maxBytes / 1_024} KiB.`);
      await database.transaction().execute(async (transaction) => {
        const { total } = await transaction
          .selectFrom(table)
          .select((query) => query.fn.countAll<number>().as("total"))
          .where("plugin", "=", plugin)
          .where("key", "!=", key)
          .executeTakeFirstOrThrow();
        if (Number(total) >= maxKeys) throw refused(plugin, `it has ${maxKeys} keys already.`);
        const row = { plugin, key, value: text, updated_at: now() };
        await transaction
          .insertInto(table)
          .values(row)
          .onConflict((conflict) =>
            conflict.columns(["plugin", "key"]).doUpdateSet({ value: text, updated_at: row.updated_at }),
          )
          .execute();
      });
    },
    async delete(key) {
      await database.deleteFrom(table).where("plugin", "=", plugin).where("key", "=", key).execute();
    },
  };
}

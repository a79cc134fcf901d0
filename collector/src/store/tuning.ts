import { onCluster, rowsOf } from "./layout.ts";
import type { ClickHouseStore } from "./store.ts";

/**
 * Settings of the table of events that only newer servers have, so that no migration can name them. Fewer and larger merges: each
 * costs a row as much as its insert. No statistics: queries here go by time, and merges would count distinct values of sixty columns.
 */
const wanted: Readonly<Record<string, string>> = {
  min_parts_to_merge_at_once: "8",
  auto_statistics_types: "''",
};

/** Gives the table of events what the server knows of these settings, and returns what was set. Does nothing where it is so already. */
export async function tuneEvents(store: ClickHouseStore): Promise<string[]> {
  const table = rowsOf("events", store.layout);
  const known = await store.query<{ name: string; created: string }>(
    `SELECT name, (SELECT create_table_query FROM system.tables
       WHERE database = currentDatabase() AND name = {table:String}) AS created
     FROM system.merge_tree_settings WHERE name IN {names:Array(String)} ORDER BY name`,
    { table, names: Object.keys(wanted) },
  );
  const changes = known
    .map(({ name, created }) => ({ created, setting: `${name} = ${wanted[name]}` }))
    .filter(({ created, setting }) => !created.includes(setting))
    .map(({ setting }) => setting);
  if (changes.length > 0)
    await store.run(`ALTER TABLE ${table}${onCluster(store.layout)} MODIFY SETTING ${changes.join(", ")}`);
  return changes;
}

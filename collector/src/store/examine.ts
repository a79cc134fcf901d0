import { messageOf } from "@vedette/sdk";
import { storeError } from "./errors.ts";
import { readMigrations } from "./migrate.ts";
import type { Retention } from "./retention.ts";
import { ClickHouseStore } from "./store.ts";
import type { StoreDeps, StoreTarget } from "./types.ts";

/** One thing that was looked at, with what helps where it is not good. */
export interface Examined {
  readonly good: boolean;
  readonly said: string;
  readonly cure?: string;
}

/** How long one node may take; whoever examines waits at a terminal. */
const patienceMs = 5_000;

/** Looks at a ClickHouse server, or the nodes of a cluster, as a collector with this configuration would find it. Changes nothing. */
export async function examineStore(
  target: StoreTarget,
  retention: Retention,
  deps: StoreDeps,
): Promise<Examined[]> {
  const found: Examined[] = [];
  let answered: ClickHouseStore | undefined;
  for (const url of [target.url].flat()) {
    // Without its database, which a first start would make.
    const node = new ClickHouseStore(
      { ...target, url, database: "system", requestTimeoutMs: patienceMs },
      deps,
    );
    try {
      const [row] = await node.query<{ v: string }>("SELECT version() AS v");
      found.push({ good: true, said: `${url} answers, ClickHouse ${row?.v}.` });
    } catch (error) {
      found.push({ good: false, said: `${url}: ${messageOf(error)}`, cure: cureOf(error) });
      await node.close();
      continue;
    }
    if (answered) await node.close();
    else answered = node;
  }
  if (!answered) return found;
  try {
    found.push(
      ...(await examineCluster(answered, target)),
      ...(await examineSchema(answered, target)),
      ...(await examineDisks(answered, retention)),
    );
  } catch (error) {
    found.push({ good: false, said: messageOf(error), cure: cureOf(error) });
  } finally {
    await answered.close();
  }
  return found;
}

/** What the message does not already say. */
const cureOf = (error: unknown): string =>
  storeError(error, "").verdict.verdict === "retry" && !/collector\.store/.test(messageOf(error))
    ? "Start it, or correct collector.store.url; a collector waits for it."
    : "Look at the section on ClickHouse in docs/guide/databases.md.";

async function examineCluster(store: ClickHouseStore, { cluster }: StoreTarget): Promise<Examined[]> {
  if (cluster === undefined) return [];
  const clusters = await store.query<{ cluster: string; shards: string; replicas: string }>(
    "SELECT cluster, uniqExact(shard_num) AS shards, count() AS replicas FROM system.clusters GROUP BY cluster ORDER BY cluster",
  );
  const own = clusters.find((each) => each.cluster === cluster);
  if (!own) {
    const known = clusters.map((each) => each.cluster).join(", ") || "none";
    const cure = `Name one of these as collector.store.cluster: ${known}.`;
    return [{ good: false, said: `The server knows no cluster ${cluster}.`, cure }];
  }
  const macros = (await store.query<{ macro: string }>("SELECT macro FROM system.macros")).map(
    ({ macro }) => macro,
  );
  const missing = ["shard", "replica"].filter((macro) => !macros.includes(macro));
  if (missing.length > 0) {
    const cure = "Give every node of the cluster its own, in the section macros of its configuration.";
    return [{ good: false, said: `The server has no macro ${missing.join(" and ")}.`, cure }];
  }
  return [{ good: true, said: `The cluster ${cluster} has ${own.shards} shards on ${own.replicas} nodes.` }];
}

async function examineSchema(
  store: ClickHouseStore,
  { database, cluster }: StoreTarget,
): Promise<Examined[]> {
  const tables = await store.query<{ name: string; engine: string }>(
    "SELECT name, engine FROM system.tables WHERE database = {database:String} AND name IN ('migrations', 'events')",
    { database },
  );
  const engineOf = (table: string): string | undefined => tables.find(({ name }) => name === table)?.engine;
  if (engineOf("migrations") === undefined)
    return [{ good: true, said: `The database ${database} has no schema yet; the first start makes it.` }];
  const events = engineOf("events");
  if (events !== undefined && (events === "Distributed") !== (cluster !== undefined)) {
    const made = events === "Distributed" ? "for a cluster" : "for one server";
    const cure = "Correct collector.store.cluster, or name another collector.store.database.";
    return [{ good: false, said: `The database ${database} was made ${made}.`, cure }];
  }
  const rows = await store.query<{ version: number }>(
    "SELECT DISTINCT version FROM {database:Identifier}.migrations ORDER BY version",
    { database },
  );
  const newest = rows.at(-1)?.version ?? 0;
  const known = (await readMigrations()).at(-1)?.version ?? 0;
  return newest > known
    ? [
        {
          good: false,
          said: `The database ${database} has schema version ${newest}, this Vedette knows ${known}.`,
          cure: "Use the newer Vedette, or another collector.store.database.",
        },
      ]
    : [{ good: true, said: `The database ${database} has schema version ${newest} of ${known}.` }];
}

async function examineDisks(
  store: ClickHouseStore,
  { storagePolicy, moveTo }: Retention,
): Promise<Examined[]> {
  if (storagePolicy === undefined) return [];
  const volumes = (
    await store.query<{ volume: string }>(
      "SELECT volume_name AS volume FROM system.storage_policies WHERE policy_name = {policy:String}",
      { policy: storagePolicy },
    )
  ).map(({ volume }) => volume);
  if (volumes.length === 0) {
    const cure = "Add it to the server's storage_configuration, or correct collector.store.storagePolicy.";
    return [{ good: false, said: `The server has no storage policy ${storagePolicy}.`, cure }];
  }
  if (moveTo && !volumes.includes(moveTo.volume)) {
    const cure = `Name one of these as collector.store.moveTo.volume: ${volumes.join(", ")}.`;
    return [
      { good: false, said: `The storage policy ${storagePolicy} has no volume ${moveTo.volume}.`, cure },
    ];
  }
  return [{ good: true, said: `The storage policy ${storagePolicy} has the volumes ${volumes.join(", ")}.` }];
}

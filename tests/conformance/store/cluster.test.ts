import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDetector } from "../../../collector/src/detect/index.ts";
import { type EngineHandle, startEngine } from "../../../collector/src/engine/index.ts";
import { Ledger } from "../../../collector/src/ingest/index.ts";
import { restoreState } from "../../../collector/src/restore.ts";
import { grantStatements } from "../../../collector/src/store/index.ts";
import { readMigrations, wholeSchema } from "../../../collector/src/store/migrate.ts";
import { ClickHouseStore } from "../../../collector/src/store/store.ts";

// No cluster can be had here: the engine process answers HTTP only, and replicas and shards talk to each other over
// ports that it does not open. What it can do is done: it parses every statement, checks engines, settings and sharding
// keys, and makes every table as far as the place where it would ask Keeper.

const cluster = "two_shards";
const remoteServers = `<clickhouse>
  <macros><shard>01</shard><replica>a</replica></macros>
  <remote_servers><${cluster}>
    ${[1, 2].map(() => "<shard><internal_replication>true</internal_replication><replica><host>127.0.0.1</host><port>9</port></replica></shard>").join("\n    ")}
  </${cluster}></remote_servers>
</clickhouse>`;
/** What the guide says that a collector needs, and no more; killing is the engine process’s own. */
const ownGrants = `<clickhouse><users><default>
  <grants replace="replace">
    ${grantStatements("x", { database: "vedette", cluster }, true)
      .map((grant) => `<query>${grant.replace(/ TO `x`$/, "")}</query>`)
      .join("\n    ")}
    <query>GRANT KILL QUERY ON *.*</query>
  </grants>
</default></users></clickhouse>`;

describe("the schema of a cluster", async () => {
  const statements = wholeSchema(await readMigrations(), { database: "vedette", cluster });
  const rows = statements.filter((statement) => statement.includes("ENGINE = Replicated"));
  const doors = statements.filter((statement) => statement.includes("ENGINE = Distributed"));
  const alone = (statement: string): string => statement.replace(` ON CLUSTER \`${cluster}\``, "");
  const named = (statement: string): string => /^.*?(?= ON CLUSTER)/.exec(statement)?.[0] ?? statement;

  let dir: string;
  let engine: EngineHandle;
  let client: ReturnType<typeof createClient>;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "vedette-cluster-"));
    for (const [folder, text] of [
      ["config.d", remoteServers],
      ["users.d", ownGrants],
    ] as const) {
      mkdirSync(join(dir, "engine", folder), { recursive: true });
      writeFileSync(join(dir, "engine", folder, "cluster.xml"), text);
    }
    engine = await startEngine({ stateDir: dir });
    client = createClient({
      ...{ url: engine.url, username: engine.user, password: engine.password, database: engine.database },
      log: { level: ClickHouseLogLevel.OFF },
    });
  });
  afterAll(async () => {
    await client?.close();
    await engine?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const read = async (query: string, query_params: Record<string, unknown> = {}) =>
    (await client.query({ query, query_params, format: "JSONEachRow" })).json<Record<string, unknown>>();

  it("has every table twice: its rows, and the door to them", () => {
    expect(doors.length).toBe(rows.length - 1);
    expect(rows.length + doors.length).toBe(
      statements.filter((statement) => statement.startsWith("CREATE TABLE")).length,
    );
  });

  it.each(statements.map((statement) => [named(statement), statement]))(
    "parses: %s",
    async (_, statement) => {
      const [row] = await read("SELECT formatQuerySingleLine({statement:String}) AS one", { statement });
      expect(row!["one"]).toContain(`ON CLUSTER ${cluster}`);
    },
  );

  it.each(rows.map((statement) => [named(statement), statement]))(
    "is right up to Keeper, which is not there: %s",
    async (_, statement) => {
      // The engine looks at names of settings, engine, columns and indexes before it asks for Keeper.
      await expect(client.command({ query: alone(statement) })).rejects.toMatchObject({ code: "225" });
      const misspelt = alone(statement).replace("deduplication_window =", "deduplication_windo =");
      if (misspelt !== alone(statement))
        await expect(client.command({ query: misspelt })).rejects.toMatchObject({ code: "115" });
    },
  );

  it("is made by the engine with rows that have no replicas, and asked through the doors", async () => {
    for (const statement of statements) {
      const unreplicated = alone(statement)
        .replace(/Replicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?/, "$1(")
        .replace(/ {2}replicated_deduplication_window_seconds = \d+,\n/, "")
        .replace(/\breplicated_deduplication_window =/, "non_replicated_deduplication_window =");
      await client.command({ query: unreplicated });
    }
    const columns = `SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position`;
    for (const door of doors) {
      const table = /EXISTS (\w+)/.exec(door)![1];
      expect(await read(columns, { table })).toEqual(await read(columns, { table: `${table}_local` }));
    }
  });

  it("plans the join of the ledger over shards, which takes a setting", async () => {
    const { url, user, password, database } = engine;
    const deps = { log: recordingLogger(), clock: manualClock() };
    const store = new ClickHouseStore({ url, user, password, database, cluster }, deps);
    const restoring = restoreState(store, createDetector({ rules: [], deps }), new Ledger(), deps);
    // The shards do not answer: it was planned and sent. A refused join would be error 288 and no matter of retrying.
    await expect(restoring).rejects.toMatchObject({
      code: "store.unavailable",
      verdict: { verdict: "retry" },
    });
    const plain =
      "SELECT agentId FROM batches INNER JOIN (SELECT agentId FROM batches) AS other USING (agentId)";
    await expect(client.query({ query: plain })).rejects.toMatchObject({ code: "288" });
    await store.close();
  });
});

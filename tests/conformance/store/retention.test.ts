import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EngineHandle, startEngine } from "../../../collector/src/engine/index.ts";
import { openStore, type Retention } from "../../../collector/src/store/index.ts";
import { retentionStatements } from "../../../collector/src/store/retention.ts";
import { ClickHouseStore } from "../../../collector/src/store/store.ts";
import { nativeOf, nginxEvents } from "../../../collector/src/store/testing/nginx-events.ts";

const day = 86_400_000;
/** The real clock: the engine deletes by it. */
const now = Date.now();
const ago = (days: number): number => now - days * day;
/** By the time of the test and not by the engine's day, which may end meanwhile. */
const daysOld = (column: string): string =>
  `toUInt32(round((${now} / 1000 - toUnixTimestamp(${column})) / 86400))`;
const log = recordingLogger();

describe("retention", () => {
  let dir: string;
  let engine: EngineHandle;
  let store: ClickHouseStore;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "vedette-retention-"));
    const config = join(dir, "engine", "config.d");
    mkdirSync(config, { recursive: true });
    writeFileSync(
      join(config, "disks.xml"),
      `<clickhouse><storage_configuration>
        <disks><slow><path>${join(dir, "slow")}/</path></slow></disks>
        <policies><tiered><volumes>
          <default><disk>default</disk></default>
          <cold><disk>slow</disk></cold>
        </volumes></tiered></policies>
      </storage_configuration></clickhouse>`,
    );
    engine = await startEngine({ stateDir: dir });
    const deps = { log, clock: manualClock() };
    await (await openStore(engine, deps)).close();
    store = new ClickHouseStore(engine, deps);
  });
  afterAll(async () => {
    await store?.close();
    await engine?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  let token = 0;
  /** Ten events of a type, as old as that. The sample spreads its events over less than a day. */
  const insert = (dataType: string, days: number, tenantId = ""): Promise<unknown> =>
    store.insertEvents(
      nativeOf(nginxEvents(10, ago(days), token, dataType).map((event) => ({ ...event, tenantId }))),
      `retention-${token++}`,
    );
  const kept = async (): Promise<string[]> => {
    const sql = `SELECT DISTINCT concat(dataType, tenantId, ' ', toString(${daysOld("timestamp")})) AS what FROM events ORDER BY what`;
    return (await store.query<{ what: string }>(sql)).map(({ what }) => what);
  };
  const merge = (): Promise<void> => store.run("OPTIMIZE TABLE events FINAL");
  const definition = async (): Promise<string> =>
    (
      await store.query<{ q: string }>(
        "SELECT create_table_query AS q FROM system.tables WHERE database = currentDatabase() AND name = 'events'",
      )
    )[0]!.q;

  it("deletes each kind after its own time, the first rule that fits", async () => {
    await store.run("TRUNCATE TABLE events");
    await store.setRetention({
      days: 30,
      rules: [
        { dataType: "zeek*", tenant: "acme", days: 200 },
        { dataType: "zeek*", days: 5 },
        { tenant: "it's \\ odd", days: 100 },
        { dataType: "nginx_x", days: 90 },
      ],
    });
    for (const [type, days, tenant] of [
      ["zeek.conn", 10],
      ["zeek.conn", 3],
      ["zeek.dns", 150, "acme"],
      ["nginx", 20],
      ["nginx", 40],
      ["nginx_x", 40],
      ["nginxax", 40],
      ["sshd", 60, "it's \\ odd"],
    ] as const)
      await insert(type, days, tenant);
    await merge();
    expect(await kept()).toEqual([
      "nginx 20",
      "nginx_x 40",
      "sshdit's \\ odd 60",
      "zeek.conn 3",
      "zeek.dnsacme 150",
    ]);
    expect(await definition()).toContain("ttl_only_drop_parts = 0");
  });

  it("drops whole parts again where all kinds have one time", async () => {
    await store.run("TRUNCATE TABLE events");
    await store.setRetention({ days: 30, rules: [{ dataType: "nginx", days: 30 }] });
    expect(await definition()).toContain("ttl_only_drop_parts = 1");
    await insert("nginx", 40);
    await insert("nginx", 20);
    await merge();
    expect(await kept()).toEqual(["nginx 20"]);
  });

  it("moves older parts to the slower volume", async () => {
    await store.run("TRUNCATE TABLE events");
    await store.setRetention({
      days: 30,
      rules: [{ dataType: "nginx*", days: 90, moveAfterDays: 20 }],
      storagePolicy: "tiered",
      moveTo: { volume: "cold", afterDays: 7 },
    });
    await insert("sshd", 3);
    await insert("sshd", 9);
    await insert("nginx", 12);
    await insert("nginx", 25);
    const disks = async (): Promise<string[]> => {
      const sql = `SELECT DISTINCT concat(toString(${daysOld("max_time")}), ' ', disk_name) AS what FROM system.parts
        WHERE database = currentDatabase() AND table = 'events' AND active ORDER BY what`;
      return (await store.query<{ what: string }>(sql)).map(({ what }) => what);
    };
    await expect.poll(disks, { timeout: 30_000 }).toEqual(["12 default", "25 slow", "3 default", "9 slow"]);
    expect((await kept()).length).toBe(4);
  });

  it.each<[string, Retention]>([
    ["one time", { days: 30 }],
    [
      "rules",
      {
        days: 30,
        rules: [
          { dataType: "a*", tenant: "x'y", days: 5 },
          { tenant: "z", days: 7 },
        ],
      },
    ],
    ["volumes", { days: 9, storagePolicy: "tiered", moveTo: { volume: "cold", afterDays: 2 } }],
    ["no end", { days: 0 }],
    ["findings", { days: 30, findingDays: 90 }],
  ])("is left alone where it is so already: %s", async (_, retention) => {
    await store.setRetention(retention);
    const lines = log.lines.length;
    await store.setRetention(retention);
    expect(log.lines.length).toBe(lines);
  });

  it("deletes findings after a time of their own, an alert with its place in an incident, or never", async () => {
    await store.setRetention({ days: 30 });
    const at = (days: number) => new Date(ago(days)).toISOString();
    const raise = async (days: number): Promise<void> => {
      const id = `f${days}`;
      await store.insertRows("alerts", [{ id, timestamp: at(days), name: id }], `a${days}`);
      const place = { alertId: id, incidentId: `i${days}`, raisedAt: at(days), groupedAt: at(0) };
      await store.insertRows("incident_alerts", [place], `p${days}`);
      await store.insertRows(
        "incidents",
        [{ id: `i${days}`, updatedAt: at(0), lastAt: at(days) }],
        `i${days}`,
      );
    };
    for (const days of [10, 100]) await raise(days);
    const left = async (): Promise<number[]> => {
      const tables = ["alerts", "incident_alerts", "incidents"];
      for (const table of tables) await store.run(`OPTIMIZE TABLE ${table} FINAL`);
      const counts = tables.map(
        (table) => `(SELECT count() FROM ${table} WHERE match(toString(tuple(*)), '[fi]10+')) AS ${table}`,
      );
      const [row] = await store.query<Record<string, string>>(`SELECT ${counts.join(", ")}`);
      return tables.map((table) => Number(row![table]));
    };
    expect(await left()).toEqual([2, 2, 2]);
    await store.setRetention({ days: 30, findingDays: 90 });
    // What is inserted and merged from now on has an end.
    await raise(11);
    expect(await left()).toEqual([1, 1, 1]);
    await store.setRetention({ days: 30 });
    expect(
      await store.query(
        "SELECT name FROM system.tables WHERE name IN ('alerts', 'incidents', 'incident_alerts') AND create_table_query LIKE '% TTL %'",
      ),
    ).toEqual([]);
    await expect(store.setRetention({ days: 30, findingDays: -1 })).rejects.toThrow("0 to 36500");
  });

  it.each([
    [{ days: 30, storagePolicy: "absent" }, "collector.store.storagePolicy"],
    [
      { days: 30, storagePolicy: "tiered", moveTo: { volume: "absent", afterDays: 1 } },
      "collector.store.moveTo.volume",
    ],
  ])("says what is missing: %j", async (retention, key) => {
    await expect(store.setRetention(retention)).rejects.toMatchObject({
      code: "store.rejected",
      message: expect.stringContaining(key),
    });
  });

  it("is printed as statements that the engine parses, for a cluster too", async () => {
    const retention = {
      days: 30,
      rules: [{ tenant: "a", days: 3 }],
      storagePolicy: "tiered",
      moveTo: { volume: "cold", afterDays: 1 },
    };
    for (const cluster of [undefined, "east"]) {
      const statements = retentionStatements(retention, { database: "vedette", cluster });
      expect(statements.length).toBe(6);
      for (const statement of statements) {
        const [row] = await store.query<{ one: string }>(
          "SELECT formatQuerySingleLine({statement:String}) AS one",
          { statement },
        );
        expect(row!.one.includes("ON CLUSTER east")).toBe(cluster !== undefined);
      }
    }
  });
});

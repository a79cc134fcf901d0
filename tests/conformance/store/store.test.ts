import { columnFields, columnName, columnType, encodeNative } from "@vedette/core/batch";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openStore, type Store, type StoreTarget } from "../../../collector/src/store/index.ts";
import { batchWith, nativeOf, nginxEvents } from "../../../collector/src/store/testing/nginx-events.ts";
import { targets } from "./targets.ts";

const start = Date.UTC(2026, 0, 1, 10);
const deps = { log: recordingLogger(), clock: manualClock() };
const retry = { code: "store.unavailable", verdict: { verdict: "retry" } };
const drop = { code: "store.rejected", verdict: { verdict: "drop" } };

/** What every ClickHouse must do for us, whichever one it is. */
describe.each(targets)("the store on: $name", ({ open }) => {
  describe.skipIf(!open)("keeps its contract", () => {
    let close = async () => {};
    let target: StoreTarget;
    let store: Store;
    let token = 0;
    beforeAll(async () => {
      const opened = await open!();
      target = opened.target;
      close = opened.close;
      store = await openStore(target, deps);
    });
    afterAll(async () => {
      await store?.close();
      await close();
    });
    beforeEach(() => {
      token++;
    });
    const count = async (where: string) =>
      Number((await store.query<{ n: string }>(`SELECT count() AS n FROM events WHERE ${where}`))[0]?.n);

    it("has exactly the columns of a batch", async () => {
      const columns = await store.query<{ name: string; type: string }>(
        "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = 'events' ORDER BY position",
      );
      expect(columns).toEqual([
        ...columnFields.map((field) => ({ name: columnName(field.path), type: columnType(field) })),
        { name: "rest", type: "JSON" },
      ]);
    });

    it("writes an insert of 20,000 events as a compact part, and is tuned once", async () => {
      const events = nginxEvents(20_000, Date.UTC(2025, 5, 1), 41, "compact");
      await store.insertEvents(nativeOf(events), "compact");
      const parts = await store.query<{ part_type: string }>(
        "SELECT DISTINCT part_type FROM system.parts WHERE active AND table IN ('events', 'events_local') AND partition = '2025-06-01'",
      );
      expect(parts).toEqual([{ part_type: "Compact" }]);
      const settings = () =>
        store.query<{ name: string; known: string; there: string }>(
          `SELECT name, position(created, concat(name, ' = ')) > 0 AS there FROM system.merge_tree_settings
           CROSS JOIN (SELECT create_table_query AS created FROM system.tables
             WHERE database = currentDatabase() AND name IN ('events', 'events_local') AND engine != 'Distributed') AS t
           WHERE name IN ('auto_statistics_types', 'min_parts_to_merge_at_once') ORDER BY name`,
        );
      expect((await settings()).filter(({ there }) => Number(there) !== 1)).toEqual([]);
      const log = recordingLogger();
      await (await openStore(target, { ...deps, log })).close();
      expect(log.lines.filter(({ message }) => message.includes("tuned"))).toEqual([]);
    });

    it("gives back what a batch said, column by column and path by path", async () => {
      const [event] = nginxEvents(1, start, 77);
      const full = {
        ...event!,
        origin: {
          ...event!.origin,
          port: 65_535,
          mac: "00:11:22:33:44:55",
          packagesSent: "18446744073709551615",
        },
        errors: ["one", "two ü"],
        log: { text: "a\n\nb", whole: 5, part: 1.5, yes: true, list: [1, 2], deep: { er: "x" } },
        raw: "tab\t quote ' back \\ null \0 ü 😀\n\nDROP TABLE events",
      };
      await store.insertEvents(nativeOf([full]), `t${token}`);
      const [row] = await store.query<Record<string, unknown>>(
        "SELECT * FROM events WHERE id = {id:String}",
        { id: full.id },
      );
      expect(row).toMatchObject({
        id: full.id,
        timestamp: "2026-01-01 10:00:00.000",
        dataType: "nginx",
        statusCode: full.statusCode,
        "origin.ip": full.origin.ip,
        "origin.port": 65_535,
        "origin.geolocation.asn": full.origin.geolocation?.asn,
        "target.path": full.target?.path,
        errors: full.errors,
        raw: full.raw,
      });
      expect(row).toMatchObject({ log: { text: "a\n\nb", part: 1.5, yes: true, deep: { er: "x" } } });
      expect(JSON.stringify(row?.rest)).toContain("18446744073709551615");
    });

    it("stores a large batch once and counts its rows", async () => {
      const native = nativeOf(nginxEvents(10_000, start, 3, "large"));
      expect(await store.insertEvents(native, `t${token}`)).toEqual({ rows: 10_000 });
      expect(await store.insertEvents(native, `t${token}`)).toEqual({ rows: 10_000 });
      expect(await count("dataType = 'large'")).toBe(10_000);
    });

    it("takes a block in pieces", async () => {
      const native = nativeOf(nginxEvents(1_000, start, 30, "pieces"));
      const pieces = [native.subarray(0, 1), native.subarray(1, 5_000), native.subarray(5_000)];
      expect(await store.insertEvents(pieces, `t${token}`)).toEqual({ rows: 1_000 });
      expect(await count("dataType = 'pieces'")).toBe(1_000);
    });

    it("drops other rows under a token it has seen, so a token must stand for its content", async () => {
      await store.insertEvents(nativeOf(nginxEvents(5, start, 4, "same")), `t${token}`);
      await store.insertEvents(nativeOf(nginxEvents(9, start, 5, "same")), `t${token}`);
      expect(await count("dataType = 'same'")).toBe(5);
    });

    it("keeps equal rows under different tokens", async () => {
      const native = nativeOf(nginxEvents(5, start, 6, "twice"));
      await store.insertEvents(native, `t${token}a`);
      await store.insertEvents(native, `t${token}b`);
      expect(await count("dataType = 'twice'")).toBe(10);
    });

    it("stores a batch over several days whole and once", async () => {
      const days = [0, 1, 2].flatMap((day) => nginxEvents(4, start + day * 86_400_000, 7 + day, "days"));
      await store.insertEvents(nativeOf(days), `t${token}`);
      await store.insertEvents(nativeOf(days), `t${token}`);
      expect(await count("dataType = 'days'")).toBe(12);
    });

    it("refuses for good what is no block, is cut, or spreads over too many days, and stores nothing of it", async () => {
      const native = nativeOf(nginxEvents(100, start, 8, "bad"));
      const bad = [
        Buffer.from("junk"),
        native.subarray(0, native.length >> 1),
        Buffer.concat([native, Buffer.from([9, 9, 9])]),
      ];
      for (const [i, block] of bad.entries()) {
        await expect(store.insertEvents(block, `t${token}.${i}`)).rejects.toMatchObject(drop);
      }
      const scattered = Array.from({ length: 200 }, (_, day) =>
        nginxEvents(1, start + day * 86_400_000, day, "bad"),
      ).flat();
      await expect(store.insertEvents(nativeOf(scattered), `t${token}.s`)).rejects.toMatchObject(drop);
      expect(await count("dataType = 'bad'")).toBe(0);
    });

    it("inserts rows once, takes RFC 3339 times and refuses unknown columns", async () => {
      const row = {
        id: "a1",
        timestamp: "2026-01-01T10:00:00.123Z",
        lastUpdate: "2026-01-01T10:00:00Z",
        name: "x",
        adversary: { ip: "203.0.113.1" },
      };
      await store.insertRows("alerts", [row], `r${token}`);
      await store.insertRows("alerts", [row], `r${token}`);
      await store.insertRows(
        "alerts",
        [{ ...row, lastUpdate: "2026-01-01T11:00:00Z", status: "closed" }],
        `r${token}b`,
      );
      const rows = await store.query("SELECT id, timestamp, status, adversary FROM alerts FINAL");
      expect(rows).toEqual([
        {
          id: "a1",
          timestamp: "2026-01-01 10:00:00.123",
          status: "closed",
          adversary: { ip: "203.0.113.1" },
        },
      ]);
      await expect(store.insertRows("alerts", [{ ...row, statsu: "open" }], "x")).rejects.toMatchObject(drop);
      await store.insertRows("alerts", [], "nothing");
    });

    it("binds parameters as values", async () => {
      const values = ["it's", "back\\slash", "new\nline", "tab\t", "'; DROP TABLE events; --", "", "ü😀"];
      const rows = await store.query<{ v: string }>("SELECT arrayJoin({v:Array(String)}) AS v", {
        v: values,
      });
      expect(rows.map((row) => row.v)).toEqual(values);
      expect(await store.query("SELECT toUInt64({n:UInt64}) AS n", { n: "18446744073709551615" })).toEqual([
        { n: "18446744073709551615" },
      ]);
    });

    it("keeps within a query's limits", async () => {
      const heavy = "SELECT sum(sipHash64(number)) AS s FROM numbers(100000000000)";
      await expect(store.query(heavy, {}, { limits: { maxSeconds: 0.2 } })).rejects.toMatchObject(retry);
      await expect(
        store.query("SELECT number FROM numbers(1000)", {}, { limits: { maxResultRows: 10 } }),
      ).rejects.toMatchObject(drop);
      await expect(store.query("SELECT nothing")).rejects.toMatchObject(drop);
    });

    it("ends a query on the server when its caller aborts", async () => {
      const leaving = new AbortController();
      const heavy = "SELECT sum(sipHash64(number)) AS leaving FROM numbers(100000000000)";
      const asked = store.query(heavy, {}, { signal: leaving.signal });
      const seen = async () =>
        (
          await store.query(
            "SELECT 1 FROM system.processes WHERE query LIKE '%AS leaving%' AND query NOT LIKE '%processes%'",
          )
        ).length;
      await expect.poll(seen, { timeout: 60_000 }).toBe(1);
      leaving.abort(new Error("enough"));
      await expect(asked).rejects.toThrow("enough");
      await expect.poll(seen, { timeout: 60_000 }).toBe(0);
    });

    it("streams an export", async () => {
      let bytes = 0;
      for await (const piece of await store.export("SELECT number FROM numbers(1000000)", "CSV"))
        bytes += piece.length;
      expect(bytes).toBe(6_888_890);
    });

    it("changes retention, once", async () => {
      const logged = () => deps.log.lines.filter((line) => line.message === "Retention was changed.").length;
      await store.setRetention({ days: 30 });
      const after = logged();
      await store.setRetention({ days: 30 });
      expect(logged()).toBe(after);
      await store.setRetention({ days: 0 });
      expect(logged()).toBe(after + 2);
    });

    it("finds a word of raw text by its index", async () => {
      await store.insertEvents(encodeNative(batchWith(nginxEvents(20_000, start, 9, "words"))), `t${token}`);
      const sql = "SELECT count() AS n FROM events WHERE hasToken(raw, 'nosuchword')";
      const plan = await store.query<{ explain: string }>(`EXPLAIN indexes = 1 ${sql}`);
      expect(JSON.stringify(plan)).toContain("byRaw");
      const both = "SELECT count() AS n FROM events WHERE hasAllTokens(raw, 'shop EXAMPLE')";
      expect(Number((await store.query<{ n: string }>(both))[0]?.n)).toBeGreaterThan(20_000);
    });

    it("opens again without change, and not under a newer schema", async () => {
      const again = await openStore(target, deps);
      await again.ping();
      await again.close();
      const { createClient } = await import("@clickhouse/client");
      const client = createClient({
        url: [target.url].flat()[0]!,
        username: target.user,
        password: target.password,
        database: target.database,
      });
      await client.insert({
        table: "migrations",
        values: [{ version: 9_999, name: "later", checksum: "x" }],
        format: "JSONEachRow",
      });
      await expect(openStore(target, deps)).rejects.toMatchObject({
        code: "store.newer",
        verdict: { verdict: "stop" },
      });
      await client.command({
        query: "ALTER TABLE migrations DELETE WHERE version = 9999",
        clickhouse_settings: { mutations_sync: "1" },
      });
      await client.close();
    });
  });
});

it("says that a store that does not answer may answer later", async () => {
  const nobody = { url: "http://127.0.0.1:1", user: "x", password: "y", database: "vedette" };
  await expect(openStore(nobody, deps)).rejects.toMatchObject(retry);
});

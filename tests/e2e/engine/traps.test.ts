import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientOf, raw, type TestEngine, testEngine } from "./support.ts";

/** Every trap of chDB that would lose data, leak files or take statements from strangers, each held shut. */
let t: TestEngine;
beforeAll(async () => {
  t = await testEngine();
  await t.client.command({
    query:
      "CREATE TABLE t (a UInt32, s String) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100",
  });
  await t.client.command({ query: "CREATE TABLE victim (a UInt32) ENGINE = MergeTree ORDER BY a" });
});
afterAll(() => t.stop());

const rows = (...values: [number, string][]) =>
  values.map(([a, s]) => `${JSON.stringify({ a, s })}\n`).join("");
const count = (where = "1") => t.value(`SELECT count() FROM t WHERE ${where}`).then(Number);

describe("settings", () => {
  it("of one statement are gone with it: a token, a limit, readonly, a parameter, a database", async () => {
    const insert = "INSERT INTO t FORMAT JSONEachRow";
    await t.insert(insert, rows([1, "first"]), { insert_deduplication_token: "A" });
    await t.insert(insert, rows([1, "second"]));
    expect(await count("a = 1")).toBe(2);

    await t.client.query({
      query: "SELECT 1",
      clickhouse_settings: { readonly: "1", max_execution_time: 1 },
    });
    expect(await t.value("SELECT value FROM system.settings WHERE name = 'max_execution_time'")).toBe("60");
    await t.insert(insert, rows([1, "third"]));
    expect(await count("a = 1")).toBe(3);

    await t.client.query({ query: "SELECT {x:String}", query_params: { x: "secret" } });
    expect(await t.code("SELECT {x:String}")).toBe("456");
    await raw(t.engine, "/?database=system&query=SELECT%201");
    expect(await t.value("SELECT currentDatabase()")).toBe("vedette");
  });

  it("never make an insert asynchronous", async () => {
    expect(await t.value("SELECT value FROM system.settings WHERE name = 'async_insert'")).toBe("0");
    const asked = t.insert("INSERT INTO t FORMAT JSONEachRow", rows([2, "x"]), { async_insert: "1" });
    await expect(asked).rejects.toMatchObject({ code: "452" });
    await t.insert("INSERT INTO t FORMAT JSONEachRow", rows([2, "x"]), { async_insert: "0" });
  });

  it("of parallel requests with parameters do not mix", async () => {
    const ask = async (x: string) => {
      const query = "SELECT {x:String} AS x, sleep(0.002)";
      const [row] = await (await t.client.query({ query, query_params: { x }, format: "JSONEachRow" })).json<{
        x: string;
      }>();
      return row?.x;
    };
    const asked = Array.from({ length: 40 }, (_, i) => `value ' \\ ${i}`);
    expect(await Promise.all(asked.map(ask))).toEqual(asked);
  });
});

describe("data is never run as SQL", () => {
  const evil = "\n\nDROP TABLE victim\n";
  it.each([
    ["INSERT INTO t FORMAT JSONEachRow", `{"a":3,"s":"x"}${evil}`],
    ["INSERT INTO t FORMAT CSV", `3,x${evil}`],
    ["INSERT INTO t FORMAT TSV", `3\tx${evil}`],
    ["INSERT INTO t FORMAT Values", `(3,'x')${evil}`],
    ["INSERT INTO t FORMAT Values", "(3,'x'); DROP TABLE victim"],
    ["INSERT INTO t FORMAT RowBinary", evil],
    ["INSERT INTO t FORMAT Native", evil],
  ])("%s with a blank line in %j", async (query, body) => {
    await t.insert(query, body).catch(() => {});
    await t.code(`${query} ${body}`);
    await t.code(`${query}\n${body}`);
    expect(await t.value("EXISTS TABLE victim")).toBe("1");
  });

  it("and a blank line inside a value is kept", async () => {
    await t.insert("INSERT INTO t FORMAT CSV", `4,"x\n\nDROP TABLE victim"\n4,y\n`);
    await t.insert("INSERT INTO t FORMAT JSONEachRow", `{"a":4,"s":"x\\n\\ny"}\n\n{"a":4,"s":"z"}\n`);
    await t.client.command({ query: "INSERT INTO t VALUES (4, 'v\n\nw');" });
    const values = (await t.rows<{ s: string }>("SELECT s FROM t WHERE a = 4 ORDER BY s")).map(
      (row) => row.s,
    );
    expect(values).toEqual(["v\n\nw", "x\n\nDROP TABLE victim", "x\n\ny", "y", "z"]);
  });

  it("and binary bodies with blank lines are stored whole", async () => {
    const row = (s: string) => Buffer.concat([Buffer.from([5, 0, 0, 0, s.length]), Buffer.from(s)]);
    await t.insert(
      "INSERT INTO t FORMAT RowBinary",
      Buffer.concat(Array.from({ length: 1000 }, () => row("\n\n\n"))),
    );
    expect(await count("a = 5 AND s = '\\n\\n\\n'")).toBe(1000);
  });
});

describe("statements", () => {
  it.each([
    ["SELECT 1; SELECT 2", "62"],
    ["SELECT 1; DROP TABLE victim", "62"],
    ["INSERT INTO t SELECT 1, 'x'; DROP TABLE victim", "62"],
    ["SET max_threads = 1", "497"],
    ["USE system", "497"],
    ["SYSTEM FLUSH LOGS", "497"],
    ["KILL QUERY WHERE 1", "497"],
    ["CREATE USER x", "497"],
    ["CREATE FUNCTION f AS x -> x", "497"],
    ["CREATE DATABASE other", "497"],
    ["CREATE TEMPORARY TABLE x (a Int8)", "497"],
    ["BACKUP TABLE t TO Disk('x', 'y')", "497"],
    ["SELEC", "47"],
    ["", "62"],
  ])("%j answers %s", async (sql, code) => {
    if (sql === "")
      expect(
        (await raw(t.engine, "/", { method: "POST", body: " " })).headers.get("x-clickhouse-exception-code"),
      ).toBe(code);
    else expect(await t.code(sql)).toBe(code);
    expect(await t.value("EXISTS TABLE victim")).toBe("1");
  });

  it.each([
    ["SELECT * FROM file('/etc/passwd')", "497"],
    ["SELECT file('/etc/passwd')", "497"],
    ["SELECT `file`('/etc/passwd')", "497"],
    ["SELECT formatRow('Template', 1) SETTINGS format_template_row = '/etc/passwd'", "452"],
    ["SELECT * APPLY(file) FROM (SELECT '/etc/passwd' AS a)", "497"],
    ["SELECT arrayMap(file, ['/etc/passwd'])", "497"],
    ["SELECT \u201cfile\u201d('/etc/passwd')", "497"],
    ["SELECT `fi\\x6ce`('/etc/passwd')", "497"],
    ["SELECT a$x$, file('/etc/passwd') AS b$x$ FROM (SELECT 1 AS a$x$)", "497"],
    ["SELECT 1\u200b, file\u200b('/etc/passwd')", "497"],
    ["SELECT 1 SETTINGS allow_experimental_eval_table_function = 1", "452"],
    ["SELECT 1 SETTINGS dialect = 'kusto'", "452"],
    [
      "SELECT * FROM format('CSV', 'a') SETTINGS input_format_record_errors_file_path = '/tmp/vedette-out'",
      "452",
    ],
    ["SELECT 1 SETTINGS output_format_schema = '/tmp/vedette-out'", "452"],
    ["SELECT * FROM executable('x', 'CSV', 'a String')", "497"],
    ["SELECT * FROM filesystem('/etc')", "497"],
    ["SELECT * FROM url('http://127.0.0.1:1/', 'CSV')", "497"],
    ["SELECT * FROM remote('127.0.0.1', 'system', 'one')", "497"],
    ["SELECT * FROM s3('http://127.0.0.1:1/bucket/x', 'CSV')", "497"],
    ["SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')", "497"],
    ["SELECT * FROM sqlite('/etc/x', 't')", "497"],
    ["INSERT INTO FUNCTION file('/tmp/vedette-out', 'CSV') SELECT 1", "497"],
    ["INSERT INTO FUNCTION file('/tmp/vedette-out', 'CSV') VALUES (1)", "497"],
    ["SELECT 1 INTO OUTFILE '/tmp/vedette-out'", "497"],
    ["INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV", "497"],
    ["INSERT INTO t SELECT 1, file('/etc/passwd')", "497"],
    ["CREATE TABLE x (a String) ENGINE = File('CSV')", "497"],
    ["CREATE TABLE x (a String) ENGINE = URL('http://127.0.0.1:1/', 'CSV')", "497"],
    [
      "CREATE DICTIONARY d (a UInt64) PRIMARY KEY a SOURCE(FILE(path '/etc/passwd' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)",
      "497",
    ],
  ])("reach no file and no host: %s", async (sql, code) => {
    expect(await t.code(sql)).toBe(code);
    expect(existsSync("/tmp/vedette-out")).toBe(false);
  });

  it("take no name of a function from a parameter", async () => {
    const query = "SELECT arrayMap({f:Identifier}, ['/etc/passwd'])";
    const asked = t.client.query({ query, query_params: { f: "file" } });
    await expect(asked).rejects.toMatchObject({ code: "497" });
  });

  it("take no forbidden setting from beside the statement", async () => {
    expect(await t.code("SELECT 1", { dialect: "kusto" })).toBe("452");
    expect(await t.code("SELECT 1", { input_format_record_errors_file_path: "/tmp/vedette-out" })).toBe(
      "452",
    );
  });

  it("as data evaluate nothing", async () => {
    expect(await t.code("INSERT INTO t VALUES (6, file('/etc/passwd'))")).toBeDefined();
    expect(await count("a = 6")).toBe(0);
  });
});

describe("users", () => {
  it("without the key get nothing, and ping needs none", async () => {
    const stranger = await fetch(`${t.engine.url}/?query=SELECT%201`);
    expect(stranger.status).toBe(403);
    expect(stranger.headers.get("x-clickhouse-exception-code")).toBe("516");
    expect(await (await fetch(`${t.engine.url}/ping`)).text()).toBe("Ok.\n");
  });

  it("who may only read cannot write, by POST or GET", async () => {
    const reader = clientOf(t.engine, t.engine.reader);
    expect(await (await reader.query({ query: "SELECT 1 AS x", format: "JSONEachRow" })).json()).toEqual([
      { x: 1 },
    ]);
    for (const query of [
      "DROP TABLE victim",
      "INSERT INTO t VALUES (7, 'x')",
      "INSERT INTO t SELECT 7, 'x'",
    ]) {
      await expect(reader.command({ query })).rejects.toMatchObject({ code: "164" });
    }
    await reader.close();
    const get = await raw(t.engine, "/?query=DROP%20TABLE%20victim");
    expect(get.headers.get("x-clickhouse-exception-code")).toBe("164");
  });

  it("are behind files and directories that only we can read", () => {
    const root = join(t.stateDir, "engine");
    expect(readFileSync(join(root, "users.xml"), "utf8")).not.toContain(t.engine.password);
    const spawned = readFileSync(`/proc/${t.engine.pid}/environ`, "utf8");
    expect(spawned).not.toContain(t.engine.password);
    expect(spawned).toMatch(/UV_THREADPOOL_SIZE=(1[2-9]|[2-9]\d)/);
  });
});

import { readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endless, raw, running, type TestEngine, testEngine, until } from "./support.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await testEngine({
    limits: { readers: 2, writers: 1, maxWaiting: 2, maxBodyBytes: 1 << 20, maxResultBytes: 1 << 20 },
  });
  await t.client.command({ query: "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a" });
});
afterAll(() => t.stop());

const idle = () => until("no query runs", async () => (await t.value(running)) === "0");

describe("a query", () => {
  it("is killed when its client goes away", async () => {
    const leaving = new AbortController();
    const asked = raw(t.engine, "/", { method: "POST", body: endless, signal: leaving.signal });
    await until("the query runs", async () => (await t.value(running)) === "1");
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await idle();
  });

  it("is killed also when it is computed while it is planned", async () => {
    const leaving = new AbortController();
    const asked = raw(t.engine, "/", { method: "POST", body: `SELECT (${endless})`, signal: leaving.signal });
    await until("the query runs", async () => (await t.value(running)) === "1");
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await idle();
  });

  it("ends at its time limit", async () => {
    expect(await t.code(endless, { max_execution_time: "0.3" })).toBe("159");
  });

  it("that is heavy holds up neither inserts nor pings nor other queries", async () => {
    const leaving = new AbortController();
    const asked = raw(t.engine, "/", { method: "POST", body: endless, signal: leaving.signal }).catch(
      () => {},
    );
    await until("the query runs", async () => (await t.value(running)) === "1");
    const started = performance.now();
    await t.insert("INSERT INTO t FORMAT JSONEachRow", '{"a":1}\n');
    expect(await t.value("SELECT count() FROM t")).toBe("1");
    expect((await t.client.ping()).success).toBe(true);
    expect(performance.now() - started).toBeLessThan(3_000);
    leaving.abort();
    await asked;
    await idle();
  });

  it("beyond lanes and queue is answered 503 and may come again", async () => {
    const leaving = new AbortController();
    const statuses: number[] = [];
    const asked = Array.from({ length: 7 }, () =>
      raw(t.engine, "/", { method: "POST", body: endless, signal: leaving.signal }).then(
        (response) => statuses.push(response.status),
        () => {},
      ),
    );
    await until("the queue is full", () => statuses.length === 3);
    expect(statuses).toEqual([503, 503, 503]);
    leaving.abort();
    await Promise.all(asked);
    await idle();
  });

  it("that streams waits for a slow client with little memory", async () => {
    const rss = () =>
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${t.engine.pid}/status`, "utf8"))?.[1]) * 1024;
    const waiting =
      "SELECT count() FROM system.processes WHERE query LIKE '%numbers(8000000)%' AND query NOT LIKE '%processes%'";
    const before = rss();
    let seen = 0;
    const body = "SELECT repeat('x', 100) FROM numbers(8000000) FORMAT TSV";
    const headers = { "X-ClickHouse-User": t.engine.user, "X-ClickHouse-Key": t.engine.password };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(t.engine.url, { method: "POST", headers }, resolve).on("error", reject).end(body);
    });
    // Nothing is read for a while, far longer than the query needs: it must still be held back.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await t.value(waiting)).toBe("1");
    expect(rss() - before).toBeLessThan(400e6);
    for await (const piece of response) seen += (piece as Buffer).length;
    expect(seen).toBe(8_000_000 * 101);
  });

  it("that cannot be streamed is bounded", async () => {
    expect(await t.code("SELECT number FROM numbers(1000000) FORMAT JSON")).toBe("396");
    expect(
      await t.code("SELECT number FROM numbers(1000000) FORMAT JSON", { max_result_bytes: "1000000000" }),
    ).toBe("396");
    expect(await t.code("SELECT number FROM numbers(1000000) FORMAT CSV")).toBeUndefined();
  });

  it("whose failure comes late breaks the connection instead of ending it", async () => {
    const body =
      "SELECT throwIf(number > 900000), repeat('y', 100) FROM numbers(1000000) SETTINGS max_threads = 1 FORMAT TSV";
    const response = await raw(t.engine, "/", { method: "POST", body });
    if (response.status === 200) await expect(response.text()).rejects.toThrow();
    else expect(response.headers.get("x-clickhouse-exception-code")).toBe("395");
  });
});

describe("answers", () => {
  it("carry the headers of ClickHouse", async () => {
    const response = await raw(t.engine, "/?query_id=mine&default_format=JSONEachRow", {
      method: "POST",
      body: "SELECT 1 AS x",
    });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-clickhouse-query-id": "mine",
      "x-clickhouse-format": "JSONEachRow",
      "x-clickhouse-timezone": "UTC",
    });
    expect(await response.json()).toEqual({ x: 1 });
    const wrong = await raw(t.engine, "/", { method: "POST", body: "SELECT * FROM nothing" });
    expect(wrong.status).toBe(404);
    expect(wrong.headers.get("x-clickhouse-exception-code")).toBe("60");
    expect(await wrong.text()).toMatch(/^Code: 60\. DB::Exception: .*\(UNKNOWN_TABLE\) \(version 26\./s);
    expect((await raw(t.engine, "/play")).status).toBe(404);
  });

  it("are compressed where the client asks", async () => {
    const response = await raw(t.engine, "/?enable_http_compression=1", {
      method: "POST",
      body: "SELECT number FROM numbers(1000)",
      headers: { "Accept-Encoding": "gzip" },
    });
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect((await response.text()).split("\n")).toHaveLength(1_001);
  });

  it.each(["Parquet", "ArrowStream", "Native", "RowBinary", "JSONCompact", "CSVWithNames", "XML"])(
    "come as %s",
    async (format) => {
      const response = await raw(t.engine, `/?default_format=${format}`, {
        method: "POST",
        body: "SELECT number FROM numbers(3)",
      });
      expect(response.status).toBe(200);
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(10);
    },
  );
});

describe("bodies", () => {
  it.each([
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ])("may be %s", async (encoding, compress) => {
    const response = await raw(t.engine, "/?query=INSERT%20INTO%20t%20FORMAT%20JSONEachRow", {
      method: "POST",
      body: new Uint8Array(compress('{"a":5}\n')),
      headers: { "Content-Encoding": encoding },
    });
    expect(response.status).toBe(200);
    expect(JSON.parse(response.headers.get("x-clickhouse-summary") ?? "{}")).toMatchObject({
      written_rows: "1",
    });
  });

  it("that do not decompress, or are of an unknown coding, are refused", async () => {
    const insert = "/?query=INSERT%20INTO%20t%20FORMAT%20JSONEachRow";
    const send = (encoding: string) =>
      raw(t.engine, insert, { method: "POST", body: "junk", headers: { "Content-Encoding": encoding } });
    expect((await send("gzip")).status).toBe(500);
    expect((await send("lz4")).status).toBe(400);
  });

  it("over the limit are refused, compressed or not, and leave nothing", async () => {
    const before = await t.value("SELECT count() FROM t");
    const big = `{"a":1}\n`.repeat(200_000);
    await expect(t.insert("INSERT INTO t FORMAT JSONEachRow", big)).rejects.toMatchObject({ code: "307" });
    const bomb = await raw(t.engine, "/?query=INSERT%20INTO%20t%20FORMAT%20JSONEachRow", {
      method: "POST",
      body: new Uint8Array(gzipSync(big)),
      headers: { "Content-Encoding": "gzip" },
    });
    expect(bomb.status).toBe(413);
    expect(await t.value("SELECT count() FROM t")).toBe(before);
  });

  it("that end early are not stored", async () => {
    const before = await t.value("SELECT count() FROM t");
    const headers = { "X-ClickHouse-User": t.engine.user, "X-ClickHouse-Key": t.engine.password };
    await new Promise<void>((resolve) => {
      const path = "/?query=INSERT%20INTO%20t%20FORMAT%20JSONEachRow";
      const sending = request(`${t.engine.url}${path}`, { method: "POST", headers });
      sending.on("error", () => resolve());
      sending.write('{"a":1}\n', () => sending.destroy(new Error("gone")));
    });
    await t.insert("INSERT INTO t FORMAT JSONEachRow", "");
    expect(await t.value("SELECT count() FROM t")).toBe(before);
  });
});

/**
 * What inserting events costs the engine, and by which part of the table: the same blocks into variants of the table that the
 * migrations make, each alone in the engine. CPU in µs a row of inserting without merges and of one merge of all, bytes a row,
 * files of a part, and the times of queries before and after that merge. With `--natural` merges come as they do: how often each row
 * was merged.
 * Run: node --conditions=@vedette/source benchmarks/micro/store-cost.ts [--rows 20000] [--blocks 20] [--only name,name] [--rounds 2] [--natural]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { parseArgs } from "node:util";
import { createClient } from "@clickhouse/client";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { startEngine } from "../../collector/src/engine/index.ts";
import { openStore } from "../../collector/src/store/index.ts";
import { nativeOf, nginxEvents } from "../../collector/src/store/testing/nginx-events.ts";

const { values: options } = parseArgs({
  options: {
    rows: { type: "string", default: "20000" },
    blocks: { type: "string", default: "20" },
    only: { type: "string" },
    natural: { type: "boolean", default: false },
    rounds: { type: "string", default: "2" },
  },
});
const rows = Number(options.rows);
const count = Number(options.blocks);

/** Changes the statement that makes the table. */
type Change = (table: string) => string;
interface Variant {
  readonly table: Change;
  /** Settings of the inserts. */
  readonly insert?: Readonly<Record<string, string | number>>;
}
const set =
  (name: string, value: string | number): Change =>
  (table) =>
    new RegExp(` ${name} = `).test(table)
      ? table.replace(new RegExp(`( ${name} = )[^,]*`), `$1${value}`)
      : `${table}, ${name} = ${value}`;
const without =
  (...names: string[]): Change =>
  (table) =>
    names.reduce((text, name) => text.replace(new RegExp(`,\\s*INDEX ${name} [^\\n]*?(?=,?\\n)`), ""), table);
const same: Change = (table) => table;

const variants: Record<string, Variant> = {
  "as it is": { table: same },
  "wide from 10 MiB": { table: set("min_bytes_for_wide_part", 10 * 2 ** 20) },
  "statistics of all columns": { table: set("auto_statistics_types", "'basic, uniq_v2'") },
  "any number of parts at once": { table: set("min_parts_to_merge_at_once", 0) },
  "16 parts at once": { table: set("min_parts_to_merge_at_once", 16) },
  "indexes made by merges": { table: same, insert: { materialize_skip_indexes_on_insert: 0 } },
  "no text index": { table: without("byRaw") },
  "no index": { table: without("byRaw", "byOriginIp", "byTargetIp", "byId") },
  "no codecs": { table: (table) => table.replace(/ CODEC\(.*\)(?=,?\n)/g, "") },
  "no fsync": { table: (table) => set("fsync_part_directory", 0)(set("fsync_after_insert", 0)(table)) },
};

const stateDir = mkdtempSync(join(tmpdir(), "vedette-bench-"));
const engine = await startEngine({ stateDir });
const store = await openStore(engine, { log: recordingLogger(), clock: manualClock() });
const client = createClient({
  url: engine.url,
  username: engine.user,
  password: engine.password,
  database: engine.database,
});
console.error(`engine process ${engine.pid}`);

/** CPU of the engine process so far, µs; the kernel counts in hundredths of a second. */
function engineCpu(): number {
  const fields = readFileSync(`/proc/${engine.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until nothing is merged for a second. */
async function merged(): Promise<void> {
  for (let quiet = 0; quiet < 5; ) {
    await pause(200);
    const [busy] = await store.query<{ n: string }>("SELECT count() AS n FROM system.merges");
    quiet = busy?.n === "0" ? quiet + 1 : 0;
  }
}

/** Counters of the engine since its start. */
async function counters(): Promise<Record<string, number>> {
  const found = await store.query<{ event: string; value: string }>("SELECT event, value FROM system.events");
  return Object.fromEntries(found.map(({ event, value }) => [event, Number(value)]));
}

/** Best of five, in milliseconds. */
async function timeOf(sql: string): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const before = performance.now();
    await store.query(sql);
    best = Math.min(best, performance.now() - before);
  }
  return +best.toFixed(1);
}

const queries: Record<string, string> = {
  word: "SELECT count() FROM events WHERE hasToken(raw, 'cart')",
  like: "SELECT count() FROM events WHERE raw LIKE '%id=4711 %'",
  id: "SELECT raw FROM events WHERE id = '00000003000000000000000000001234'",
  ip: "SELECT count() FROM events WHERE origin.ip = '203.1.7.3'",
  newest: "SELECT * FROM events ORDER BY timestamp DESC LIMIT 100",
  top: "SELECT origin.ip, count() AS n FROM events GROUP BY 1 ORDER BY n DESC LIMIT 10",
};

const { statement: table } = (await store.query<{ statement: string }>("SHOW CREATE TABLE events"))[0]!;
const blocks = Array.from({ length: count }, (_, i) =>
  nativeOf(nginxEvents(rows, Date.UTC(2026, 0, 1) + Math.round(i * rows * 0.095), i + 1)),
);

/** What is on disk of the table. */
async function partsNow(): Promise<{ bytes: number; parts: number; files: number }> {
  const found = await store.query<{ n: string; bytes: string; path: string }>(
    "SELECT rows AS n, bytes_on_disk AS bytes, path FROM system.parts WHERE active AND table = 'events'",
  );
  let [all, bytes, files] = [0, 0, 0];
  for (const part of found) {
    all += Number(part.n);
    bytes += Number(part.bytes);
    files += readdirSync(part.path).length;
  }
  if (all !== rows * count) throw new Error(`${all} rows are stored.`);
  return { bytes, parts: found.length, files };
}

async function insert(block: Uint8Array, token: string, settings: Readonly<Record<string, string | number>>) {
  const { stream } = await client.exec({
    query: "INSERT INTO events FORMAT Native",
    values: Readable.from([block], { objectMode: false }),
    clickhouse_settings: { ...settings, insert_deduplication_token: token },
  });
  for await (const _ of stream);
}

/** Inserts with merges as they come. */
async function natural(change: Variant): Promise<Record<string, number>> {
  const before = await counters();
  const start = engineCpu();
  for (const [i, block] of blocks.entries()) await insert(block, `${i}`, change.insert ?? {});
  await merged();
  const done = engineCpu();
  const after = await counters();
  const { bytes, parts } = await partsNow();
  return {
    µs: +((done - start) / rows / count).toFixed(2),
    "bytes/row": Math.round(bytes / rows / count),
    parts,
    merges: (after.Merge ?? 0) - (before.Merge ?? 0),
    "merged/row": +(((after.MergedRows ?? 0) - (before.MergedRows ?? 0)) / rows / count).toFixed(2),
    files: (after.FileOpen ?? 0) - (before.FileOpen ?? 0),
    syncs: (after.FileSync ?? 0) - (before.FileSync ?? 0),
  };
}

async function measure(change: Variant): Promise<Record<string, number>> {
  await client.command({ query: "DROP TABLE events SYNC" });
  await client.command({ query: change.table(table) });
  if (options.natural) return natural(change);
  await client.command({
    query: "ALTER TABLE events MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1",
  });
  const start = engineCpu();
  for (const [i, block] of blocks.entries()) await insert(block, `${i}`, change.insert ?? {});
  const inserted = engineCpu();
  const fresh = await partsNow();
  const times: Record<string, number> = {};
  for (const [name, sql] of Object.entries(queries)) times[`${name} ms`] = await timeOf(sql);
  const again = engineCpu();
  await client.command({ query: "OPTIMIZE TABLE events FINAL" });
  const done = engineCpu();
  const merged = await partsNow();
  for (const [name, sql] of Object.entries(queries)) times[`merged ${name} ms`] = await timeOf(sql);
  return {
    "insert µs": +((inserted - start) / rows / count).toFixed(2),
    "merge µs": +((done - again) / rows / count).toFixed(2),
    "bytes/row": Math.round(fresh.bytes / rows / count),
    merged: Math.round(merged.bytes / rows / count),
    parts: merged.parts,
    files: fresh.files / count,
    mfiles: merged.files,
    ...times,
  };
}

try {
  const results: Record<string, unknown> = {};
  const names = options.only?.split(",") ?? Object.keys(variants);
  await measure(variants["as it is"]!);
  for (let round = 1; round <= Number(options.rounds); round++) {
    for (const name of names) results[`${name} ${round}`] = await measure(variants[name]!);
  }
  console.log(`${count} blocks of ${rows} rows`);
  console.table(results);
} finally {
  await client.close();
  await store.close();
  await engine.stop();
  rmSync(stateDir, { recursive: true, force: true });
}

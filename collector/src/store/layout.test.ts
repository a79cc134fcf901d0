import { describe, expect, it } from "vitest";
import { statementsFor } from "./layout.ts";
import { readMigrations, schemaOf, wholeSchema } from "./migrate.ts";

const one = { database: "vedette", cluster: undefined };
const many = { database: "logs", cluster: "east" };

describe("a statement for one server", () => {
  it.each([
    [
      "CREATE TABLE t\n(\n  a Int8\n)\nENGINE = MergeTree\nORDER BY a",
      "CREATE TABLE IF NOT EXISTS t\n(\n  a Int8\n)\nENGINE = MergeTree\nORDER BY a",
    ],
    ["ALTER TABLE t ADD COLUMN x Int8", "ALTER TABLE t ADD COLUMN IF NOT EXISTS x Int8"],
    ["ALTER TABLE t ADD INDEX i a TYPE minmax", "ALTER TABLE t ADD INDEX IF NOT EXISTS i a TYPE minmax"],
    ["DROP TABLE t", "DROP TABLE IF EXISTS t"],
  ])("may run again: %s", (statement, expected) => {
    expect(statementsFor(statement, one)).toEqual([expected]);
    expect(statementsFor(expected, one)).toEqual([expected]);
  });

  it.each(["INSERT INTO t VALUES (1)", "ALTER TABLE t RENAME COLUMN a TO b", "RENAME TABLE a TO b"])(
    "is refused where it may not: %s",
    (statement) => expect(() => statementsFor(statement, one)).toThrow("without a form"),
  );
});

describe("a statement for a cluster", () => {
  it("makes replicated rows, and a table that spreads them", () => {
    const statement =
      "CREATE TABLE findings\n(\n  id String\n)\nENGINE = ReplacingMergeTree(lastUpdate)\nORDER BY (id, day)\nSETTINGS\n  non_replicated_deduplication_window = 10000";
    expect(statementsFor(statement, many)).toEqual([
      "CREATE TABLE IF NOT EXISTS findings_local ON CLUSTER `east`\n(\n  id String\n)\n" +
        "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/findings', '{replica}', lastUpdate)\n" +
        "ORDER BY (id, day)\nSETTINGS\n  replicated_deduplication_window = 10000,\n  replicated_deduplication_window_seconds = 604800",
      "CREATE TABLE IF NOT EXISTS findings ON CLUSTER `east` AS findings_local\n" +
        "ENGINE = Distributed('east', 'logs', 'findings_local', cityHash64(id, day))",
    ]);
  });

  it("changes a column in both tables, and an index where the rows are", () => {
    expect(statementsFor("ALTER TABLE events ADD COLUMN x Int8", many)).toEqual([
      "ALTER TABLE events_local ON CLUSTER `east` ADD COLUMN IF NOT EXISTS x Int8",
      "ALTER TABLE events ON CLUSTER `east` ADD COLUMN IF NOT EXISTS x Int8",
    ]);
    expect(statementsFor("ALTER TABLE events ADD INDEX i x TYPE minmax", many)).toEqual([
      "ALTER TABLE events_local ON CLUSTER `east` ADD INDEX IF NOT EXISTS i x TYPE minmax",
    ]);
  });
});

it("keeps what was applied the same on all nodes", async () => {
  const [first] = wholeSchema(await readMigrations(), many);
  expect(first).toContain("migrations ON CLUSTER `east`");
  expect(first).toContain(
    "ReplicatedMergeTree('/clickhouse/tables/{database}/migrations', '{shard}-{replica}')",
  );
});

it("sends a batch to one shard whole, and an alert always to the same", async () => {
  const doors = schemaOf(await readMigrations(), many).filter((statement) =>
    statement.includes("Distributed("),
  );
  const keys = Object.fromEntries(
    doors.map((door) => [/EXISTS (\w+)/.exec(door)![1], /cityHash64\((.*?)\)/.exec(door)![1]]),
  );
  expect(keys).toMatchObject({ events: "agentId", batches: "agentId", alerts: "id" });
});

it("gives every shipped table a deduplication window in both forms", async () => {
  const migrations = await readMigrations();
  const rows = (layout: typeof one | typeof many) =>
    schemaOf(migrations, layout).filter((statement) => /^CREATE TABLE[\s\S]*MergeTree/.test(statement));
  expect(
    rows(one).filter((statement) => !/\bnon_replicated_deduplication_window = \d+/.test(statement)),
  ).toEqual([]);
  expect(
    rows(many).filter((statement) => !/[^_]replicated_deduplication_window = \d+/.test(statement)),
  ).toEqual([]);
});

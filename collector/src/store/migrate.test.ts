import { columnFields, columnName, columnType } from "@vedette/core/batch";
import { expect, it } from "vitest";
import { type Migration, migrate, migrationOf, readMigrations } from "./migrate.ts";

function database(applied: { version: number; checksum: string }[] = []) {
  const ran: string[] = [];
  return {
    ran,
    layout: { database: "vedette", cluster: undefined },
    applied: async () => (ran.length === 0 && applied.length === 0 ? undefined : applied),
    run: async (sql: string) => void ran.push(sql),
    note: async ({ version, checksum }: Migration) => void applied.push({ version, checksum }),
  };
}
const one = migrationOf(
  1,
  "one",
  "CREATE TABLE a (x Int8) ENGINE = MergeTree ORDER BY x;\n\n-- why;\nALTER TABLE a ADD COLUMN y String DEFAULT ';';\n",
);
const two = migrationOf(2, "two", "CREATE TABLE b (x Int8) ENGINE = MergeTree ORDER BY x;");

it("cuts a file into statements", () => {
  expect(one.statements).toEqual([
    "CREATE TABLE a (x Int8) ENGINE = MergeTree ORDER BY x",
    "ALTER TABLE a ADD COLUMN y String DEFAULT ';'",
  ]);
  expect(migrationOf(1, "one", `-- new comment\n${one.statements.join(";\n")};`).checksum).toBe(one.checksum);
});

it("applies what is missing, once", async () => {
  const target = database();
  expect(await migrate(target, [one])).toBe(1);
  expect(await migrate(target, [one, two])).toBe(1);
  expect(await migrate(target, [one, two])).toBe(0);
  expect(target.ran.filter((sql) => sql.includes("EXISTS b"))).toHaveLength(1);
});

it("refuses a database of a newer Vedette and a step that was changed", async () => {
  const newer = database([{ version: 3, checksum: "x" }]);
  await expect(migrate(newer, [one, two])).rejects.toMatchObject({
    code: "store.newer",
    verdict: { verdict: "stop" },
  });
  const other = database([{ version: 1, checksum: "x" }]);
  await expect(migrate(other, [one])).rejects.toMatchObject({
    code: "store.rejected",
    verdict: { verdict: "stop" },
  });
});

it("numbers the shipped steps from one, without gaps", async () => {
  const shipped = await readMigrations();
  expect(shipped.map((migration) => migration.version)).toEqual(shipped.map((_, i) => i + 1));
});

it("has the columns that the batch writes", async () => {
  const events = (await readMigrations()).flatMap((migration) => migration.statements).join("\n");
  const table = /CREATE TABLE events\n\(\n([\s\S]*?)\n\)\nENGINE/.exec(events)?.[1] ?? "";
  const columns = [...table.matchAll(/^ {2}`([^`]+)` (.+?)(?: CODEC\(.*\))?,?$/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );
  expect(columns).toEqual([
    ...columnFields.map((field) => `${columnName(field.path)} ${columnType(field)}`),
    "rest JSON",
  ]);
});

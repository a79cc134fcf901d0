import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testDeps } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { parseAddress } from "./address.ts";
import { bitsOf, writeMmdb } from "./testing/mmdb-writer.ts";
import { WatchedDatabase } from "./watched.ts";

const address = parseAddress("203.0.114.9")!;

describe("a database that is replaced", () => {
  const dir = mkdtempSync(join(tmpdir(), "geo-watched-"));
  const file = join(dir, "city.mmdb");
  const make = (city: string, at = file): void => {
    const bits = bitsOf(address.words, 4, 24, 6);
    writeFileSync(at, writeMmdb({ entries: [{ bits, record: { city } }], built: 1_750_000_000 }));
  };
  const open: WatchedDatabase[] = [];
  const opened = async (): Promise<WatchedDatabase> => {
    make("Old");
    const database = await WatchedDatabase.open(file, testDeps());
    open.push(database);
    return database;
  };
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
    rmSync(file, { force: true });
  });
  const city = (database: WatchedDatabase) => database.lookup(address, "203.0.114.9")?.["geolocation.city"];

  it("is taken into use without a restart, once it lies still", async () => {
    const database = await opened();
    await database.look();
    expect([city(database), database.edition]).toEqual(["Old", 0]);
    make("Newer", `${file}.new`);
    renameSync(`${file}.new`, file);
    await database.look();
    expect(city(database)).toBe("Old");
    await database.look();
    expect([city(database), database.edition]).toEqual(["Newer", 1]);
    await database.look();
    expect(database.edition).toBe(1);
  });

  it("leaves the one before in use while it is broken or gone, says so, and is taken once it is whole", async () => {
    const database = await opened();
    const whole = readFileSync(file);
    for (const broken of [whole.subarray(0, whole.length / 2), Buffer.from("<html>"), Buffer.alloc(0)]) {
      writeFileSync(file, broken);
      await database.look();
      await database.look();
      expect([city(database), database.edition]).toEqual(["Old", 0]);
      expect(database.problem).toContain("cannot be read");
    }
    rmSync(file);
    await database.look();
    await database.look();
    expect([city(database), database.problem]).toEqual(["Old", "the file is gone."]);
    make("Whole again", `${file}.new`);
    copyFileSync(`${file}.new`, file);
    await database.look();
    await database.look();
    expect([city(database), database.problem, database.edition]).toEqual(["Whole again", undefined, 1]);
  });
});

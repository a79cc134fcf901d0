import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { apiKeys, type ControlDatabase, openControlDatabase } from "./index.ts";

const open: ControlDatabase[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.destroy()));
});

async function fresh(dir = join(mkdtempSync(join(tmpdir(), "control-")), "state")) {
  const database = await openControlDatabase(dir);
  open.push(database);
  return { dir, database };
}

describe("the control database", () => {
  it("is readable by its owner only", async () => {
    const { dir } = await fresh();
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    for (const file of ["control.sqlite", "control.sqlite-wal"])
      expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600);
  });

  it("keeps what was written across a restart and migrates once", async () => {
    const { dir, database } = await fresh();
    const { secret } = await apiKeys(database, manualClock()).create({ name: "a", scopes: ["read"] });
    await open.pop()!.destroy();
    const again = await fresh(dir);
    expect(await apiKeys(again.database, manualClock()).verify(secret)).toMatchObject({ name: "a" });
  });

  it("says why it cannot be opened", async () => {
    const { dir } = await fresh();
    await expect(openControlDatabase(join(dir, "control.sqlite"))).rejects.toMatchObject({
      code: "control.unavailable",
    });
  });

  it("rolls a failed transaction back and lets the next one in", async () => {
    const { database } = await fresh();
    const row = { name: "x", value: "1", updated_at: 1 };
    const failed = database.transaction().execute(async (trx) => {
      await trx.insertInto("settings").values(row).execute();
      throw new Error("no");
    });
    const next = database.selectFrom("settings").selectAll().execute();
    await expect(failed).rejects.toThrow("no");
    expect(await next).toEqual([]);
    await database.insertInto("settings").values(row).execute();
    expect(await database.selectFrom("settings").select("value").execute()).toEqual([{ value: "1" }]);
  });
});

describe("API keys", () => {
  it("are shown once, stored hashed, and found by their secret", async () => {
    const { database } = await fresh();
    const keys = apiKeys(database, manualClock());
    expect(await keys.any()).toBe(false);
    const { key, secret } = await keys.create({ name: "ci", scopes: ["read", "ingest"] });
    expect(secret).toMatch(/^vdt_[A-Za-z0-9]{10}_[\w-]{43}$/);
    expect(await keys.any()).toBe(true);
    expect(await keys.verify(secret)).toMatchObject({ id: key.id, scopes: ["read", "ingest"] });
    const stored = JSON.stringify(await database.selectFrom("api_keys").selectAll().execute());
    expect(stored).not.toContain(secret.slice(15));
    expect(secret.startsWith(key.prefix)).toBe(true);
  });

  it.each(["", "vdt_", "nonsense", `vdt_${"a".repeat(10)}_${"b".repeat(43)}`, "x".repeat(10_000)])(
    "refuses %j",
    async (secret) => {
      const { database } = await fresh();
      const keys = apiKeys(database, manualClock());
      await keys.create({ name: "other", scopes: ["read"] });
      expect(await keys.verify(secret)).toBeUndefined();
    },
  );

  it("refuses a secret whose end was changed", async () => {
    const { database } = await fresh();
    const keys = apiKeys(database, manualClock());
    const { secret } = await keys.create({ name: "a", scopes: ["read"] });
    const other = secret.slice(0, -1) + (secret.endsWith("A") ? "E" : "A");
    expect(await keys.verify(other)).toBeUndefined();
  });

  it("end when they expire or are revoked, and the API stays closed", async () => {
    const { database } = await fresh();
    const clock = manualClock();
    const keys = apiKeys(database, clock);
    const brief = await keys.create({ name: "brief", scopes: ["read"], expiresAt: clock.now() + 1_000 });
    const long = await keys.create({ name: "long", scopes: ["read"] });
    clock.advance(1_000);
    expect(await keys.verify(brief.secret)).toBeUndefined();
    expect(await keys.revoke(long.key.id)).toBe(true);
    expect(await keys.revoke(long.key.id)).toBe(false);
    expect(await keys.verify(long.secret)).toBeUndefined();
    expect(await keys.any()).toBe(true);
    expect(await apiKeys(database, clock).any()).toBe(true);
    expect((await keys.list()).map((key) => key.name)).toEqual(["brief"]);
  });

  it("note their last use at most once a minute", async () => {
    const { database } = await fresh();
    const clock = manualClock();
    const keys = apiKeys(database, clock);
    const { secret } = await keys.create({ name: "a", scopes: ["read"] });
    const first = clock.now();
    await keys.verify(secret);
    clock.advance(30_000);
    await keys.verify(secret);
    expect((await keys.list())[0]?.lastUsedAt).toBe(first);
    clock.advance(30_000);
    await keys.verify(secret);
    expect((await keys.list())[0]?.lastUsedAt).toBe(first + 60_000);
  });
});

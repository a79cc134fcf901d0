import { manualClock } from "@vedette/sdk/testing";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  apiKeys,
  type ControlDatabase,
  type ControlTarget,
  openControlDatabase,
  pruneControl,
  readAudit,
  verifyAudit,
  writeAudit,
} from "../../../collector/src/control/index.ts";
import { migrations } from "../../../collector/src/control/migrations.ts";
import { kinds, type Opened } from "./targets.ts";

/** What every control database must do for us, whichever one it is. */
describe.each(kinds)("the control database on $name", ({ open }) => {
  describe.skipIf(!open)("keeps its contract", () => {
    let opened: Opened;
    const databases: ControlDatabase[] = [];
    beforeAll(async () => {
      opened = await open!();
    });
    afterEach(async () => {
      await Promise.all(databases.splice(0).map((each) => each.destroy()));
    });
    afterAll(() => opened?.close());
    const connect = async (target: ControlTarget): Promise<ControlDatabase> => {
      const database = await openControlDatabase(target);
      databases.push(database);
      return database;
    };
    const fresh = async (): Promise<ControlDatabase> => connect(await opened.fresh());
    const row = { name: "x", value: "1", updated_at: 1_767_225_600_123 };

    it("keeps what was written across a restart, and migrates once", async () => {
      const target = await opened.fresh();
      const first = await connect(target);
      const { secret } = await apiKeys(first, manualClock()).create({ name: "a", scopes: ["read"] });
      await databases.pop()!.destroy();
      const again = await connect(target);
      expect(await apiKeys(again, manualClock()).verify(secret)).toMatchObject({ name: "a" });
    });

    it("cuts off the beginning of the audit trail so that the rest still proves itself, and the history of what is closed", async () => {
      const database = await fresh();
      const day = 86_400_000;
      const keep = { auditDays: 30, caseHistoryDays: 30 };
      const note = (at: number) =>
        writeAudit(database, { author: "root", action: "silence.create", subject: "x", detail: {} }, at);
      for (const at of [1, 2, 3, 40, 41]) await note(at * day);
      const history = { at: 0, author: "root", changes: "{}", comment: "" };
      const state = { verdict: "", assignee: "", version: 1, revision: 1, copied: 1 };
      for (const [id, status, at] of [
        ["old", "closed", 1],
        ["open", "open", 1],
        ["new", "closed", 40],
      ] as const) {
        const row = { kind: "alert", id, status, updated_at: at * day, ...state };
        await database.insertInto("cases").values(row).execute();
        await database
          .insertInto("case_history")
          .values({ kind: "alert", case_id: id, version: 1, ...history })
          .execute();
      }
      expect(await pruneControl(database, keep, 50 * day)).toEqual({ audit: 3, caseHistory: 1 });
      expect(await pruneControl(database, keep, 50 * day)).toEqual({ audit: 0, caseHistory: 0 });
      const left = await readAudit(database, { limit: 10 });
      expect(left.map(({ seq, action }) => [seq, action])).toEqual([
        [6, "audit.prune"],
        [5, "silence.create"],
        [4, "silence.create"],
      ]);
      expect(left[0]!.detail).toMatchObject({ count: 3, through: { seq: 3 } });
      expect(await verifyAudit(database)).toBeUndefined();
      const kept = await database.selectFrom("case_history").select("case_id").orderBy("case_id").execute();
      expect(kept.map(({ case_id }) => case_id)).toEqual(["new", "open"]);
      // The last entry stays, whatever its age: the next one follows from it.
      expect(await pruneControl(database, keep, 1_000 * day)).toMatchObject({ audit: 2 });
      await note(1_000 * day);
      expect(await verifyAudit(database)).toBeUndefined();
      // Somebody cuts off more than the trail tells of.
      const first = (await readAudit(database, { limit: 10 })).at(-1)!;
      await database.deleteFrom("audit").where("seq", "=", first.seq).execute();
      const value = JSON.stringify({ seq: first.seq, hash: first.hash });
      await database.updateTable("settings").set({ value }).where("name", "=", "audit.start").execute();
      expect(await verifyAudit(database)).toBe(first.seq + 1);
    });

    it("migrates once when several programs start at the same time", async () => {
      const target = await opened.fresh();
      const all = await Promise.all(Array.from({ length: 6 }, () => connect(target)));
      const steps = await sql<{ name: string }>`select name from kysely_migration`.execute(all[0]!);
      expect(steps.rows.map(({ name }) => name)).toEqual(Object.keys(migrations));
      await all[5]!.insertInto("settings").values(row).execute();
      expect(await all[2]!.selectFrom("settings").selectAll().execute()).toEqual([row]);
    });

    it("is not opened under a newer schema", async () => {
      const target = await opened.fresh();
      const database = await connect(target);
      await sql`insert into kysely_migration (name, timestamp) values ('9999_later', '2099-01-01T00:00:00.000Z')`.execute(
        database,
      );
      await expect(openControlDatabase(target)).rejects.toMatchObject({
        code: "control.newer",
        verdict: { verdict: "stop" },
        message: expect.stringMatching(/9999_later.*collector\.control\.url/s),
      });
    });

    it("rolls a failed transaction back and lets the next one in", async () => {
      const database = await fresh();
      const failed = database.transaction().execute(async (trx) => {
        await trx.insertInto("settings").values(row).execute();
        throw new Error("no");
      });
      const next = database.selectFrom("settings").selectAll().execute();
      await expect(failed).rejects.toThrow("no");
      expect(await next).toEqual([]);
      await database.insertInto("settings").values(row).execute();
      expect(await database.selectFrom("settings").selectAll().execute()).toEqual([row]);
    });

    it("loses no update of transactions that run at the same time", async () => {
      const database = await fresh();
      await database
        .insertInto("settings")
        .values({ ...row, updated_at: 0 })
        .execute();
      await Promise.all(
        Array.from({ length: 20 }, () =>
          database.transaction().execute((trx) =>
            trx
              .updateTable("settings")
              .set((each) => ({ updated_at: each("updated_at", "+", 1) }))
              .where("name", "=", "x")
              .execute(),
          ),
        ),
      );
      expect(await database.selectFrom("settings").select("updated_at").execute()).toEqual([
        { updated_at: 20 },
      ]);
    });

    it("refuses a second row of the same name, and the connection lives on", async () => {
      const database = await fresh();
      await database.insertInto("settings").values(row).execute();
      await expect(database.insertInto("settings").values(row).execute()).rejects.toThrow(/unique/i);
      const again = database
        .insertInto("settings")
        .values({ ...row, value: "2" })
        .onConflict((conflict) => conflict.column("name").doUpdateSet({ value: "2" }));
      await again.execute();
      expect(await database.selectFrom("settings").selectAll().execute()).toEqual([{ ...row, value: "2" }]);
    });

    it.each(["it's", 'back\\slash "quoted"', "line\nbreak\ttab", "ü 😀", ""])(
      "keeps %j as it is",
      async (value) => {
        const database = await fresh();
        await database
          .insertInto("settings")
          .values({ ...row, value })
          .execute();
        expect(await database.selectFrom("settings").select("value").execute()).toEqual([{ value }]);
      },
    );

    describe("has API keys that", () => {
      const keysOf = async (clock = manualClock()) => ({ clock, keys: apiKeys(await fresh(), clock) });

      it("are shown once, stored hashed, and found by their secret", async () => {
        const database = await fresh();
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

      it("are not found by junk, nor by a secret whose end was changed", async () => {
        const { keys } = await keysOf();
        const { secret } = await keys.create({ name: "a", scopes: ["read"] });
        const other = secret.slice(0, -1) + (secret.endsWith("A") ? "E" : "A");
        const junk = ["", "vdt_", "nonsense", `vdt_${"a".repeat(10)}_${"b".repeat(43)}`, "x".repeat(10_000)];
        for (const text of [other, ...junk]) expect(await keys.verify(text)).toBeUndefined();
      });

      it("end when they expire or are revoked, and the API stays closed", async () => {
        const database = await fresh();
        const clock = manualClock();
        const keys = apiKeys(database, clock);
        const brief = await keys.create({ name: "brief", scopes: ["read"], expiresAt: clock.now() + 1_000 });
        const long = await keys.create({ name: "long", scopes: ["read"] });
        clock.advance(1_000);
        expect(await keys.verify(brief.secret)).toBeUndefined();
        expect(await keys.revoke(long.key.id)).toBe(true);
        expect(await keys.revoke(long.key.id)).toBe(false);
        expect(await keys.verify(long.secret)).toBeUndefined();
        expect(await apiKeys(database, clock).any()).toBe(true);
        expect((await keys.list()).map((key) => key.name)).toEqual(["brief"]);
      });

      it("note their last use at most once a minute", async () => {
        const { keys, clock } = await keysOf();
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
  });
});

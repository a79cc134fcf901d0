import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock } from "@vedette/sdk/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectionStore } from "../../../collector/src/connections/index.ts";
import {
  type ControlDatabase,
  type ControlTarget,
  openControlDatabase,
  openSecretBox,
  rotateSecrets,
  secretStore,
} from "../../../collector/src/control/index.ts";
import { kinds, type Opened } from "./targets.ts";

const key = (): string => randomBytes(32).toString("base64");

/** What every control database must do with secrets and connections, whichever one it is. */
describe.each(kinds)("secrets in the control database on $name", ({ open }) => {
  describe.skipIf(!open)("keep their contract", () => {
    let opened: Opened;
    const dir = mkdtempSync(join(tmpdir(), "vedette-secrets-"));
    const databases: ControlDatabase[] = [];
    beforeAll(async () => {
      opened = await open!();
    });
    afterEach(async () => {
      await Promise.all(databases.splice(0).map((each) => each.destroy()));
    });
    afterAll(async () => {
      await opened?.close();
      rmSync(dir, { recursive: true, force: true });
    });
    const clock = manualClock();
    /** A collector, or a tool, with this database and this environment. */
    const program = async (target: ControlTarget, env: Record<string, string>) => {
      const database = await openControlDatabase(target);
      databases.push(database);
      const box = openSecretBox(target, env);
      return {
        ...{ database, box },
        secrets: secretStore(database, box, clock),
        connections: connectionStore(database, box, clock),
        rotate: () => rotateSecrets(database, box, clock),
      };
    };
    const ofKind = { plugin: "tickets", kind: "basic" };
    let count = 0;
    const keyFile = () => ({ VEDETTE_SECRET_KEY_FILE: join(dir, `key-${count++}`) });

    it("are set, found, listed, replaced and removed, and never lie about in the clear", async () => {
      const target = await opened.fresh();
      const { secrets, database } = await program(target, keyFile());
      expect(await secrets.set("slack.token", "xoxb-1")).toBe(true);
      expect(await secrets.set("slack.token", "xoxb-2")).toBe(false);
      expect(await secrets.set("pem", "a\nb'ü\"\\")).toBe(true);
      expect(await secrets.get("slack.token")).toBe("xoxb-2");
      expect(await secrets.get("pem")).toBe("a\nb'ü\"\\");
      expect(await secrets.get("none")).toBeUndefined();
      expect((await secrets.list()).map(({ name }) => name)).toEqual(["pem", "slack.token"]);
      expect(JSON.stringify(await database.selectFrom("secrets").selectAll().execute())).not.toContain(
        "xoxb",
      );
      expect(await secrets.remove("pem")).toBe(true);
      expect(await secrets.remove("pem")).toBe(false);
      for (const name of ["", "a b", "../x", "-x", "x".repeat(101)])
        await expect(secrets.set(name, "x")).rejects.toThrow(/no name of a secret/);
      await expect(secrets.set("x", "")).rejects.toThrow(/is empty/);
    });

    it("are readable with the same key only, and say which key is missing", async () => {
      const target = await opened.fresh();
      const { secrets } = await program(target, { VEDETTE_SECRET_KEY: key() });
      await secrets.set("a", "text");
      const other = await program(target, { VEDETTE_SECRET_KEY: key() });
      await expect(other.secrets.get("a")).rejects.toMatchObject({ code: "secret.unreadable" });
      expect(await other.secrets.list()).toMatchObject([
        {
          name: "a",
          problem: expect.stringMatching(/"secret\/a" cannot be opened: its key \S{8} is not here/),
        },
      ]);
    });

    it("hold connections whose changes are one after the other", async () => {
      const target = await opened.fresh();
      const env = keyFile();
      const [a, b] = [await program(target, env), await program(target, env)];
      const parts = (token: string) => ({
        open: { url: "u", list: [null] },
        secrets: { token, "list.0": 5 },
      });
      const made = await a.connections.create("prod", ofKind, parts("t0"));
      expect(made).toMatchObject({ ...ofKind, version: 1, secrets: ["token", "list.0"] });
      await expect(b.connections.create("prod", ofKind, parts("x"))).rejects.toMatchObject({
        code: "connection.conflict",
      });
      const results = await Promise.allSettled(
        [a, b, a, b].map(({ connections }, n) => connections.update("prod", 1, parts(`t${n + 1}`))),
      );
      const won = results.findIndex(({ status }) => status === "fulfilled");
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const { connection, parts: found } = await b.connections.reveal("prod");
      expect(connection.version).toBe(2);
      expect(found).toEqual(parts(`t${won + 1}`));
      await a.connections.tested("prod", 1, { status: "healthy", message: "late" });
      expect((await a.connections.get("prod")).test).toBeUndefined();
      await a.connections.tested("prod", 2, { status: "error", message: "x".repeat(5_000) });
      const test = { status: "error", at: clock.now(), current: true, message: "x".repeat(1_000) };
      expect((await b.connections.list())[0]!.test).toEqual(test);
      await a.connections.update("prod", 2, parts("t9"));
      expect((await b.connections.get("prod")).test).toMatchObject({ current: false });
      expect(await a.connections.version("prod")).toBe(3);
      expect(await b.connections.remove("prod")).toBe(true);
      expect(await a.connections.version("prod")).toBeUndefined();
      await expect(a.connections.update("prod", 3, parts("x"))).rejects.toMatchObject({
        code: "connection.unknown",
      });
      await expect(
        a.connections.create("big", ofKind, { open: { x: "x".repeat(70_000) }, secrets: {} }),
      ).rejects.toThrow(RangeError);
    });

    it("are all sealed again by a rotation, while collectors go on setting and reading them", async () => {
      const target = await opened.fresh();
      const env = keyFile();
      const [collector, tool] = [await program(target, env), await program(target, env)];
      for (let n = 0; n < 60; n++) await collector.secrets.set(`s${n}`, `text ${n}`);
      await collector.connections.create("prod", ofKind, {
        open: {},
        secrets: { "a.b": "one", c: { d: 2 } },
      });
      const before = readFileSync(env.VEDETTE_SECRET_KEY_FILE, "utf8");
      const writing = (async () => {
        for (let n = 0; n < 60; n++) await collector.secrets.set(`s${n}`, `text ${n}`);
      })();
      const { unreadable, left } = await tool.rotate();
      await writing;
      expect({ unreadable, left }).toEqual({ unreadable: [], left: undefined });
      const after = readFileSync(env.VEDETTE_SECRET_KEY_FILE, "utf8");
      expect(after.trim().split("\n")).toHaveLength(1);
      expect(after).not.toBe(before);
      for (let n = 0; n < 60; n++) expect(await collector.secrets.get(`s${n}`)).toBe(`text ${n}`);
      expect((await collector.connections.reveal("prod")).parts.secrets).toEqual({
        "a.b": "one",
        c: { d: 2 },
      });
      const old = openSecretBox(target, { VEDETTE_SECRET_KEY: before.trim() });
      const rows = await tool.database.selectFrom("secrets").selectAll().execute();
      for (const { name, sealed } of rows)
        expect(() => old.open(`secret/${name}`, sealed)).toThrow(/not here/);
    });

    it("survive a rotation that was cut off anywhere, and one that meets another", async () => {
      const target = await opened.fresh();
      const env = keyFile();
      const { secrets, database, box } = await program(target, env);
      for (let n = 0; n < 120; n++) await secrets.set(`s${String(n).padStart(3, "0")}`, `text ${n}`);
      for (const until of [0, 1, 60, 69]) {
        let sealed = 0;
        const dying = {
          ...box,
          seal: (name: string, text: string) => {
            if (sealed++ >= until) throw new Error("killed");
            return box.seal(name, text);
          },
        };
        await expect(rotateSecrets(database, dying, clock)).rejects.toThrow("killed");
        for (let n = 0; n < 120; n += 7)
          expect(await secrets.get(`s${String(n).padStart(3, "0")}`)).toBe(`text ${n}`);
      }
      const [a, b] = [await program(target, env), await program(target, env)];
      await Promise.all([a.rotate(), b.rotate()]);
      expect(readFileSync(env.VEDETTE_SECRET_KEY_FILE, "utf8").trim().split("\n")).toHaveLength(1);
      for (const { problem } of await secrets.list()) expect(problem).toBeUndefined();
    });

    it("are rotated with keys of the environment in two steps", async () => {
      const target = await opened.fresh();
      const [first, second] = [key(), key()];
      const before = await program(target, { VEDETTE_SECRET_KEY: first });
      await before.secrets.set("a", "text");
      await expect(before.rotate()).rejects.toMatchObject({
        code: "secret.key",
        message: expect.stringContaining("Put a new one before it"),
      });
      const both = await program(target, { VEDETTE_SECRET_KEY: `${second},${first}` });
      expect(await both.rotate()).toMatchObject({
        renewed: 1,
        left: expect.stringContaining("take all keys but the first"),
      });
      expect(await both.rotate()).toMatchObject({ renewed: 0 });
      const after = await program(target, { VEDETTE_SECRET_KEY: second });
      expect(await after.secrets.get("a")).toBe("text");
    });

    it("that cannot be opened are told by a rotation and left as they are", async () => {
      const target = await opened.fresh();
      const env = keyFile();
      const { secrets, database, rotate } = await program(target, env);
      await secrets.set("good", "text");
      await secrets.set("bad", "text");
      const { sealed } = await database
        .selectFrom("secrets")
        .select("sealed")
        .where("name", "=", "good")
        .executeTakeFirstOrThrow();
      await database.updateTable("secrets").set({ sealed }).where("name", "=", "bad").execute();
      expect(await rotate()).toMatchObject({
        ...{ renewed: 1, left: undefined },
        unreadable: [expect.stringMatching(/"secret\/bad" cannot be opened.*another name/)],
      });
      expect(await secrets.get("good")).toBe("text");
    });
  });
});

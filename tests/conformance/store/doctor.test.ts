import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectorConfig, examineDatabases } from "@vedette/collector";
import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { noPostgres, Postgres, run } from "@vedette/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openControlDatabase } from "../../../collector/src/control/index.ts";
import { type EngineHandle, startEngine } from "../../../collector/src/engine/index.ts";
import { openStore } from "../../../collector/src/store/index.ts";
import { ClickHouseStore } from "../../../collector/src/store/store.ts";
import { freshDatabase } from "../control/targets.ts";

const deps = { log: recordingLogger(), clock: manualClock() };

describe("vedette doctor", () => {
  let dir: string;
  let engine: EngineHandle;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "vedette-doctor-"));
    engine = await startEngine({ stateDir: dir });
    await (await openStore(engine, deps)).close();
  });
  afterAll(async () => {
    await engine?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  /** What is said of the databases of a configuration. */
  const examine = (collector: object) =>
    examineDatabases(collectorConfig.parse({ stateDir: dir, ...collector }), dir, deps);
  const store = (more: object = {}) => ({
    store: {
      url: engine.url,
      user: engine.user,
      password: engine.password,
      database: engine.database,
      ...more,
    },
  });

  it("finds nothing wrong with a store that is right", async () => {
    const found = await examine(store());
    expect(found.map(({ good }) => good)).toEqual([true, true]);
    expect(found[1]!.said).toMatch(/schema version (\d+) of \1/);
  });

  it("says so on the command line, and fails", async () => {
    const config = join(dir, "vedette.yaml");
    const { store: wrong } = store({ password: "wrong" });
    writeFileSync(
      config,
      JSON.stringify({ agent: { stateDir: dir }, collector: { stateDir: dir, store: wrong } }),
    );
    const ran = await run(["doctor", "--config", config, "--url", "http://127.0.0.1:1"], { cwd: dir });
    expect(ran).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/FAIL {2}clickhouse .*collector\.store\.password/),
    });
  });

  it.each([
    ["a wrong address", () => store({ url: "http://127.0.0.1:1" }), /ECONNREFUSED.*collector\.store\.url/],
    [
      "a wrong password",
      () => store({ password: "wrong" }),
      /collector\.store\.user and collector\.store\.password/,
    ],
    ["a missing cluster", () => store({ cluster: "absent" }), /no cluster absent.*collector\.store\.cluster/],
    [
      "a missing policy",
      () => store({ storagePolicy: "absent" }),
      /no storage policy absent.*storage_configuration/,
    ],
    [
      "a missing volume",
      () => store({ storagePolicy: "default", moveTo: { volume: "cold", afterDays: 1 } }),
      /no volume cold.*: default\./,
    ],
  ])("explains %s", async (_, config, expected) => {
    const broken = (await examine(config())).filter(({ good }) => !good);
    expect(broken.map(({ said, cure }) => `${said} ${cure}`).join("\n")).toMatch(expected);
  });

  it("names the one node of several that does not answer", async () => {
    const found = await examine(store({ url: [engine.url, "http://127.0.0.1:1"], cluster: "absent" }));
    expect(found.map(({ good }) => good)).toEqual([true, false, false, false]);
  });

  it("explains a newer schema", async () => {
    const newer = new ClickHouseStore(engine, deps);
    await newer.note({ version: 9_999, name: "later", checksum: "x", statements: [] });
    const found = await examine(store());
    expect(found.at(-1)).toMatchObject({ good: false, said: expect.stringContaining("9999") });
    await newer.run("ALTER TABLE migrations DELETE WHERE version = 9999", { mutations_sync: "1" });
    await newer.close();
  });

  describe.skipIf(noPostgres() !== undefined)(`of PostgreSQL ${noPostgres() ?? ""}`, () => {
    let server: Postgres;
    beforeAll(async () => {
      server = await Postgres.start();
    });
    afterAll(() => server?.stop());

    it("explains a wrong address, a wrong password, a missing database and a newer schema", async () => {
      const { url } = await server.database("doctor", "right");
      const cases = [
        [{ url: "postgres://doctor@127.0.0.1:1/doctor" }, /ECONNREFUSED.*correct the address/],
        [{ url, password: "wrong" }, /collector\.control\.password/],
        [{ url: url.replace(/doctor$/, "absent"), password: "right" }, /CREATE DATABASE "absent"/],
      ] as const;
      for (const [control, expected] of cases) {
        const [found] = await examine({ control });
        expect(found).toMatchObject({ good: false, said: expect.stringMatching(expected) });
      }
      expect(await examine({ control: { url, password: "right" } })).toMatchObject([{ good: true }]);
      expect(await server.sql("select count(*) from pg_tables where schemaname = 'public'", "doctor")).toBe(
        "0",
      );
    });

    it("explains a newer schema", async () => {
      const target = await freshDatabase(server);
      if (target.kind !== "postgres") throw new Error("not PostgreSQL");
      const database = await openControlDatabase(target);
      await sql`insert into kysely_migration (name, timestamp) values ('9999_later', '2099-01-01T00:00:00.000Z')`.execute(
        database,
      );
      await database.destroy();
      const { user, port, database: name, password } = target;
      const url = `postgres://${user}@127.0.0.1:${port}/${name}`;
      const [found] = await examine({ control: { url, password } });
      expect(found).toMatchObject({ good: false, said: expect.stringContaining("9999_later") });
    });
  });
});

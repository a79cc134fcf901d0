import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordingLogger, TestAuthority } from "@vedette/sdk/testing";
import { noPostgres, Postgres, run, until } from "@vedette/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { controlConfig } from "../../../collector/src/config/control.ts";
import { controlTarget, openControlDatabase } from "../../../collector/src/control/index.ts";
import { freshDatabase } from "./targets.ts";

const missing = noPostgres();

/** What only a server can do to us. */
describe.skipIf(missing !== undefined)(`a PostgreSQL server ${missing ?? ""}`, () => {
  let server: Postgres;
  let dir: string;
  let authority: TestAuthority;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "vedette-control-"));
    authority = new TestAuthority(dir);
    server = await Postgres.start({ tls: authority.issue("server") });
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const at = (config: object) => controlTarget(controlConfig.parse(config), "/nowhere", dir);
  const place = (user: string, database: string): string =>
    `postgres://${user}@127.0.0.1:${server.port}/${database}`;

  it("names what is wrong and what helps", async () => {
    const { url } = await server.database("owned", "right");
    await server.sql("create role guest login password 'right'");
    await server.sql("create database bare");
    const cases = [
      [{ url, password: "wrong" }, /password of owned is wrong.*collector\.control\.password/s],
      [{ url: place("nobody-here", "owned"), password: "x" }, /collector\.control\.url/],
      [{ url: place("owned", "absent"), password: "right" }, /CREATE DATABASE "absent" OWNER "owned"/],
      [{ url: place("guest", "bare"), password: "right" }, /ALTER DATABASE "bare" OWNER TO "guest"/],
    ] as const;
    for (const [config, message] of cases) {
      await expect(openControlDatabase(await at(config)), String(message)).rejects.toMatchObject({
        code: "control.unavailable",
        verdict: { verdict: "stop" },
        message: expect.stringMatching(message),
      });
    }
  });

  it("is waited for while it does not answer", async () => {
    const deaf = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => deaf.once("listening", resolve));
    const { port } = deaf.address() as { port: number };
    for (const url of [`postgres://u@127.0.0.1:${port}/x`, "postgres://u@127.0.0.1:1/x"]) {
      await expect(openControlDatabase(await at({ url, timeoutSeconds: 1 }))).rejects.toMatchObject({
        code: "control.unavailable",
        verdict: { verdict: "retry" },
        message: expect.stringContaining("collector.control.url"),
      });
    }
    deaf.close();
  });

  it("is found again after it went away, and says so meanwhile", async () => {
    const log = recordingLogger();
    const database = await openControlDatabase(await freshDatabase(server), log);
    const ask = () => sql`select 1 as one`.execute(database);
    await ask();
    await server.down();
    await expect(ask()).rejects.toMatchObject({ code: "control.unavailable", verdict: { verdict: "retry" } });
    await server.up();
    expect((await until("the database", () => ask().catch(() => undefined))).rows).toEqual([{ one: 1 }]);
    await database.destroy();
  });

  it("ends a statement that takes too long, and gives no more connections than it may", async () => {
    const hasty = await openControlDatabase(await freshDatabase(server, { timeoutSeconds: 3 }));
    await expect(sql`select pg_sleep(60)`.execute(hasty)).rejects.toMatchObject({
      code: "control.unavailable",
      verdict: { verdict: "retry" },
    });
    await hasty.destroy();
    const database = await openControlDatabase(await freshDatabase(server, { connections: 2 }));
    const pids = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database);
        return rows[0]!.pid;
      }),
    );
    expect(new Set(pids).size).toBeLessThanOrEqual(2);
    await database.destroy();
  });

  it("is spoken to over TLS, when its certificate is of the authority that was named", async () => {
    const encrypted = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    const tls = { caFile: authority.caFile };
    const database = await openControlDatabase(await freshDatabase(server, { tls }));
    expect((await sql.raw(encrypted).execute(database)).rows).toEqual([{ ssl: true }]);
    await database.destroy();
    const other = new TestAuthority(dir, "other");
    for (const files of [{}, { caFile: other.caFile }]) {
      await expect(openControlDatabase(await freshDatabase(server, { tls: files }))).rejects.toMatchObject({
        code: "control.unavailable",
        verdict: { verdict: "stop" },
        message: expect.stringContaining("collector.control.tls.caFile"),
      });
    }
  });

  it("keeps the keys of the command line", async () => {
    const { url } = await server.database("cli", "se/cret");
    const config = join(dir, "vedette.yaml");
    writeFileSync(
      config,
      `collector: {stateDir: unused, control: {url: "${url}", password: "\${PG_PASS}"}}\n`,
    );
    const key = (...args: string[]) =>
      run(["key", ...args, "--config", config], { env: { PG_PASS: "se/cret" }, cwd: dir });
    const made = await key("create", "grafana");
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^vdt_/) });
    expect((await key("list")).stdout).toContain("grafana");
    expect(await server.sql("select name from api_keys", "cli")).toBe("grafana");
    const wrong = await run(["key", "list", "--config", config], { env: { PG_PASS: "no" }, cwd: dir });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("collector.control.password") });
  });
});

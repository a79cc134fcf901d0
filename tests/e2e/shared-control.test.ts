import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, noPostgres, Postgres, type Running, run, until, vedette } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const missing = noPostgres();

describe.skipIf(missing !== undefined)(`two collectors with one PostgreSQL ${missing ?? ""}`, () => {
  let dir: string;
  let server: Postgres;
  const collectors: { readonly url: string; readonly process: Running }[] = [];
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "vedette-shared-"));
    server = await Postgres.start();
    const { url } = await server.database("vedette", "secret");
    for (const name of ["one", "two"]) {
      const [http, ingest] = [await freePort(), await freePort()];
      const collector = {
        stateDir: join(dir, name),
        http: { listen: `127.0.0.1:${http}` },
        ingest: { listen: `127.0.0.1:${ingest}` },
        control: { url, password: "${PG_PASS}" },
      };
      writeFileSync(join(dir, `${name}.yaml`), JSON.stringify({ collector }));
      const process = vedette(["collector", "--config", join(dir, `${name}.yaml`)], {
        env: { PG_PASS: "secret" },
      });
      collectors.push({ url: `http://127.0.0.1:${http}`, process });
    }
  });
  afterAll(async () => {
    for (const { process } of collectors) process.kill("SIGTERM");
    await Promise.all(collectors.map(({ process }) => process.exited));
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const ask = async (
    url: string,
    key?: string,
  ): Promise<{ readonly status: number; readonly text: string }> => {
    const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const response = await fetch(`${url}/api/v1/keys`, { headers });
    return { status: response.status, text: await response.text() };
  };

  const answers = (url: string): Promise<boolean> =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  const everyone = async (what: string, test: (each: (typeof collectors)[number]) => Promise<boolean>) => {
    for (const each of collectors) {
      const name = `${each.url} ${what}\n${each.process.stderr()}`;
      await until(name, () => test(each), { timeoutMs: 150_000 });
    }
  };

  it("start anew when it is back, where it goes away while they start", async () => {
    await everyone("answers", ({ url }) => answers(`${url}/healthz`));
    await server.down();
    // One that was ready by then has nothing to start anew.
    await everyone(
      "misses it",
      async ({ url, process }) =>
        /will (retry|start anew)/.test(process.stderr()) || (await answers(`${url}/readyz`)),
    );
    await server.up();
    await everyone("is ready", ({ url }) => answers(`${url}/readyz`));
  }, 400_000);

  it("share keys, and find it again after it was away", async () => {
    const made = await run(
      ["key", "create", "shared", "--scope", "admin", "--config", join(dir, "one.yaml")],
      {
        env: { PG_PASS: "secret" },
      },
    );
    const key = made.stdout.trim();
    for (const { url } of collectors) {
      expect(await ask(url)).toMatchObject({ status: 401 });
      expect(await ask(url, key)).toMatchObject({ status: 200, text: expect.stringContaining("shared") });
    }

    await server.down();
    for (const { url } of collectors) {
      const { status, text } = await ask(url, key);
      expect([status, text]).toEqual([503, expect.stringContaining("control-unavailable")]);
      expect(text).not.toContain(String(server.port));
    }
    await server.up();
    for (const { url } of collectors)
      await until("the key", async () => (await ask(url, key)).status === 200);
  }, 300_000);
});

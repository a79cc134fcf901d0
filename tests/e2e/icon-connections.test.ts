import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, type Running, run, until, vedette } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vedette-icon-connections-"));
const plugin = join(dir, "vault");
const config = join(dir, "vedette.yaml");
const started: Running[] = [];
let url = "";

const sha = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
const api = async (method: string, path: string, body?: object) => {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    text,
    body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>,
  };
};

beforeAll(async () => {
  cpSync(fileURLToPath(new URL("./support/icon/vault", import.meta.url)), plugin, { recursive: true });
  writeFileSync(
    join(plugin, "vedette.plugin.yaml"),
    JSON.stringify({ command: [process.execPath, "vault.mjs"] }),
  );
  const [http, ingest] = [await freePort(), await freePort()];
  url = `http://127.0.0.1:${http}`;
  const input = { type: "icon", dataType: "vault", plugin: "vault", component: "watch", everySeconds: 0.5 };
  const settings = {
    agent: {
      stateDir: join(dir, "agent"),
      inputs: [{ ...input, connection: "vault-1" }],
      collector: { address: `127.0.0.1:${ingest}` },
    },
    collector: {
      ...{ stateDir: join(dir, "state"), http: { listen: `127.0.0.1:${http}` } },
      ...{ ingest: { listen: `127.0.0.1:${ingest}` }, iconPlugins: ["vault"] },
      respond: { workflows: ["workflow.yaml"] },
    },
  };
  writeFileSync(config, JSON.stringify(settings));
  const step = { id: "Open", type: "action", action: "vault/open", connection: "vault-1" };
  writeFileSync(join(dir, "workflow.yaml"), JSON.stringify({ id: "ask", name: "Ask", steps: [step] }));
  started.push(vedette(["collector", "--config", config]));
  const ready = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true;
  await until("the collector", ready);
});
afterAll(async () => {
  for (const each of started) each.kill("SIGKILL");
  await Promise.all(started.map(({ exited }) => exited));
  rmSync(dir, { recursive: true, force: true });
});

describe("a connection of an InsightConnect plugin", () => {
  const secret = "the-key-of-the-vault";
  const connection = { name: "vault-1", plugin: "icon:vault", kind: "connection" };
  const settings = { host: "vault.example.net", key: { secretKey: secret } };
  const seen = (key: string): string => `vault.example.net:8200 ${sha(key)}`;
  const inDirectory = (args: readonly string[]) => run(args, { cwd: dir });

  it("is described, kept sealed, and tested by the plugin itself", async () => {
    const types = await api("GET", "/connection-types");
    expect(types.body["items"]).toContainEqual(
      expect.objectContaining({
        plugin: "icon:vault",
        kind: "connection",
        title: "Vault",
        secrets: ["key.secretKey"],
        testable: true,
      }),
    );
    const wrong = { ...settings, key: { secretKey: "wrong-and-long-too" } };
    const refused = await api("POST", "/connections", { ...connection, settings: { host: "x", port: "y" } });
    expect(refused.status).toBe(400);
    const made = await api("POST", "/connections", { ...connection, settings: wrong });
    expect(made.status).toBe(201);
    const failed = await api("POST", "/connections/vault-1/test");
    expect(failed.body).toMatchObject({
      status: "error",
      message: expect.stringContaining("Invalid key [redacted]"),
    });
    const changed = await api("PUT", "/connections/vault-1", { version: 1, settings });
    expect(changed.text).not.toContain(secret);
    expect((await api("POST", "/connections/vault-1/test")).body).toMatchObject({ status: "healthy" });
    const stored = readdirSync(join(dir, "state"), { withFileTypes: true }).filter((each) => each.isFile());
    for (const { name } of stored)
      expect(readFileSync(join(dir, "state", name), "latin1")).not.toContain(secret);
  });

  it("is what `vedette plugin run` gives the plugin, by its name", async () => {
    const named = ["plugin", "run", "vault", "open", "--connection", "vault-1"];
    const ran = await inDirectory(named);
    expect(ran).toMatchObject({ code: 0 });
    expect(JSON.parse(ran.stdout)).toEqual({ seen: seen(secret) });
    const elsewhere = await run([...named, "--collector-config", config].with(2, plugin));
    expect(JSON.parse(elsewhere.stdout)).toEqual({ seen: seen(secret) });
    const unknown = await inDirectory(["plugin", "run", "vault", "open", "--connection", "vault-2"]);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /There is no connection "vault-2"\. There is no file of this name either/,
      ),
    });
    // Another plugin gets nothing of it, though somebody names it there.
    const other = join(dir, "other");
    cpSync(plugin, other, { recursive: true });
    const spec = readFileSync(join(other, "plugin.spec.yaml"), "utf8").replace("name: vault", "name: other");
    writeFileSync(join(other, "plugin.spec.yaml"), spec);
    expect(await inDirectory(["plugin", "run", "other", "open", "--connection", "vault-1"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        '"vault-1" is of the kind icon:vault/connection, not icon:other/connection',
      ),
    });
  });

  it("is what a step of a workflow that names it gives the action, and is in use by it", async () => {
    const { body, status } = await api("POST", "/workflows/ask/run", {});
    expect(status).toBe(202);
    const job = async () => (await api("GET", `/jobs/${String(body["job"])}`)).body;
    await until("the job", async () => (await job())["status"] === "succeeded");
    expect(await job()).toMatchObject({ steps: [{ output: { seen: seen(secret) } }] });
    expect(await api("DELETE", "/connections/vault-1")).toMatchObject({
      ...{ status: 409, body: { detail: expect.stringContaining("the workflow ask") } },
    });
  });

  it("is what an input of the agent beside the collector gives it, and after a change the new one", async () => {
    const agent = vedette(["agent", "--config", config]);
    started.push(agent);
    const rows = async (): Promise<string[]> => {
      const { body } = await api("GET", "/events?from=-1h&limit=100");
      return (body["items"] as { raw: string }[]).map(
        ({ raw }) => (JSON.parse(raw) as { seen: string }).seen,
      );
    };
    await until("a row", async () => (await rows()).includes(seen(secret)));
    const next = { host: "vault.example.net", key: { secretKey: `${secret}-2` } };
    expect((await api("PUT", "/connections/vault-1", { version: 2, settings: next })).status).toBe(200);
    await until("a row with the new key", async () => (await rows()).includes(seen(`${secret}-2`)));
    agent.kill("SIGTERM");
    await agent.exited;
    for (const each of started) expect(each.stdout() + each.stderr()).not.toContain(secret);
  });
});

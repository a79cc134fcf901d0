import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, type Running, run, until, vedette } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("./support/connection-plugins", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "vedette-secrets-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("the command secret", () => {
  const cwd = mkdtempSync(join(dir, "command-"));
  const say = (args: readonly string[], input?: string, env: Record<string, string> = {}) =>
    run(args, { cwd, env, ...(input === undefined ? {} : { input }) });

  it("keeps what a configuration names, and a check says what is missing and where", async () => {
    const store = `{url: "https://ch.example.net:8443", password: "\${secret:ch}"}`;
    writeFileSync(join(cwd, "vedette.yaml"), `collector:\n  stateDir: state\n  store: ${store}\n`);
    expect(await say(["check"])).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(
        /vedette\.yaml:3:\d+: There is no secret ch\. Set it: vedette secret set ch/,
      ),
    });
    expect(await say(["secret", "set", "ch"], "s3cret-word\n")).toMatchObject({ code: 0 });
    expect(await say(["check"])).toMatchObject({ code: 0 });
    expect((await say(["secret", "list"])).stdout).toMatch(/ {2}ch\n$/);
    expect(await say(["secret", "rotate"])).toMatchObject({ code: 0, stdout: "Encrypted anew: 1.\n" });
    expect(await say(["check"])).toMatchObject({ code: 0 });
    const other = { VEDETTE_SECRET_KEY: Buffer.alloc(32, 1).toString("base64") };
    expect((await say(["check"], undefined, other)).stdout).toMatch(/"secret\/ch" cannot be opened: its key/);
    expect(await say(["secret", "remove", "ch"])).toMatchObject({ code: 0 });
    expect(await say(["secret", "remove", "ch"])).toMatchObject({ code: 2 });
  });

  it.each([
    ["the agent's section", "agent: {stateDir: '${secret:x}'}", "only its section may name them"],
    [
      "the place of the secrets",
      "collector: {control: {password: '${secret:x}'}}",
      "says where secrets are kept",
    ],
  ])("is no help in %s", async (_, text, message) => {
    writeFileSync(join(cwd, "odd.yaml"), text);
    const checked = await say(["check", "--config", "odd.yaml"]);
    expect(checked).toMatchObject({ code: 2, stdout: expect.stringContaining(message) });
  });

  it.each([
    ["a bad name", ["secret", "set", "a b"], "x"],
    ["nothing", ["secret", "set", "a"], ""],
    ["too much", ["secret", "set", "a"], "x".repeat(70_000)],
  ])("refuses %s", async (_, args, input) => {
    expect(await say(args, input)).toMatchObject({ code: 2, stderr: expect.stringMatching(/^vedette: /) });
  });
});

describe("a collector with connections", () => {
  const knocks: string[] = [];
  const token = "t0ken-of-the-desk";
  const hint = "hint-of-the-plugin";
  const config = join(dir, "vedette.yaml");
  let desk: Server;
  let deskUrl = "";
  let url = "";
  let collector: Running;
  const api = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await answer.text();
    expect(text).not.toContain(token);
    expect(text).not.toContain(hint);
    return { status: answer.status, body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  beforeAll(async () => {
    desk = createServer((request, response) => {
      knocks.push(request.headers.authorization ?? "");
      response.statusCode = knocks.at(-1)!.includes(token) ? 200 : 403;
      response.end();
    });
    await new Promise<void>((resolve) => desk.listen(0, "127.0.0.1", resolve));
    deskUrl = `http://127.0.0.1:${(desk.address() as AddressInfo).port}/`;
    const [http, ingest] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${http}`;
    const settings = {
      ...{ stateDir: join(dir, "state"), http: { listen: `127.0.0.1:${http}` } },
      ...{ ingest: { listen: `127.0.0.1:${ingest}` }, pluginFolders: [folder] },
      egress: { allow: ["127.0.0.1"] },
    };
    writeFileSync(config, JSON.stringify({ collector: settings }));
    collector = vedette(["collector", "--config", config]);
    const ready = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true;
    await until("the collector", ready);
  });
  afterAll(async () => {
    collector?.kill("SIGKILL");
    await collector?.exited;
    desk?.closeAllConnections();
    desk?.close();
  });
  const knocked = async (with_: string): Promise<void> => {
    knocks.length = 0;
    await until(`a knock with ${with_}`, async () => knocks.includes(`Knock ${with_}`));
  };

  it("lends them to plugins, before and after keys and tokens change, and says no secret", async () => {
    const types = await api("GET", "/connection-types");
    expect(types.body["items"]).toContainEqual(
      expect.objectContaining({ plugin: "tickets", kind: "desk", secrets: ["auth.token"] }),
    );
    const made = { name: "desk-1", plugin: "tickets", kind: "desk" };
    const settings = { url: deskUrl, auth: { token } };
    expect((await api("POST", "/connections", { ...made, settings })).status).toBe(201);
    expect((await api("POST", "/connections/desk-1/test")).body).toMatchObject({ status: "healthy" });
    await api("PATCH", "/plugins/tickets/settings", { desk: "desk-1", hint });
    await knocked(token);
    expect(await run(["secret", "rotate", "--config", config])).toMatchObject({
      code: 0,
      stdout: "Encrypted anew: 2.\n",
    });
    await knocked(token);
    expect(await run(["connection", "test", "desk-1", "--config", config])).toMatchObject({
      code: 0,
      stdout: "healthy: The desk is open.\n",
    });
    const next = { version: 1, settings: { url: deskUrl, auth: { token: `${token}-2` } } };
    expect((await api("PUT", "/connections/desk-1", next)).status).toBe(200);
    await knocked(`${token}-2`);
    const wrong = { ...made, settings: { url: deskUrl, auth: { token: "wrong-and-long" } } };
    const { name: _, ...unsaved } = wrong;
    expect((await api("POST", "/connections/test", unsaved)).body).toEqual({
      ...{ status: "error", message: "The token [redacted] was refused." },
    });
    expect(await api("DELETE", "/connections/desk-1")).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining("the setting desk of the plugin tickets") },
    });
    await api("PATCH", "/plugins/tickets/settings", { desk: "" });
    await until(
      "the end of its use",
      async () => (await api("DELETE", "/connections/desk-1")).status === 204,
    );
    collector.kill("SIGTERM");
    await collector.exited;
    const output = collector.stdout() + collector.stderr();
    expect(output).toContain("Knocking with [redacted], hint [redacted].");
    for (const secret of [token, hint, "wrong-and-long"]) expect(output).not.toContain(secret);
  });
});

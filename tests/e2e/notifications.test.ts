import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, type Running, until, vedette } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

interface Told {
  readonly key: string;
  readonly about: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly count: number;
}

describe("notifications of a collector", () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-notify-"));
  const log = join(dir, "firewall.log");
  const told: Told[] = [];
  let answer = 204;
  let receiver: Server;
  let url = "";
  let collector: Running;

  const start = async (): Promise<void> => {
    collector = vedette(["collector", "--config", join(dir, "vedette.yaml")]);
    const ready = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true;
    await until("the collector", ready);
  };
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  };
  /** A line of the firewall, far enough from others to be none of their repeats. */
  const blocked = (secondsAgo: number): void =>
    writeFileSync(log, `${new Date(Date.now() - secondsAgo * 1_000).toISOString()} 203.0.113.9 blocked\n`, {
      flag: "a",
    });

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const key = String(request.headers["idempotency-key"]);
        if (answer === 204) told.push({ ...(JSON.parse(Buffer.concat(parts).toString()) as Told), key });
        response.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const [http, ingest] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${http}`;
    writeFileSync(log, "");
    const config = {
      stateDir: join(dir, "state"),
      http: { listen: `127.0.0.1:${http}` },
      ingest: { listen: `127.0.0.1:${ingest}` },
      pluginFolders: [fileURLToPath(new URL("./support/plugins", import.meta.url))],
      plugins: {
        carrier: { file: join(dir, "carried.ndjson") },
        my_firewall: { enabled: true, logPath: log, pollInterval: 1 },
      },
      egress: { allow: ["127.0.0.1"] },
      notifications: {
        rules: { known: { match: { name: ["a known *"] }, groupBy: ["id"], channels: ["hook"] } },
      },
    };
    writeFileSync(join(dir, "vedette.yaml"), JSON.stringify({ collector: config }));
    await start();
    const settings = { url: hook, signing: { secretKey: "e2e-signing-key" } };
    const made = await ask("POST", "/connections", {
      name: "hook",
      plugin: "webhook",
      kind: "endpoint",
      settings,
    });
    expect(made.status).toBe(201);
  });
  afterAll(async () => {
    collector.kill("SIGTERM");
    await collector.exited;
    receiver.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it("have a test button, and say what is wrong with a rule", async () => {
    expect(await ask("GET", "/notifications/channels")).toMatchObject({
      body: { items: [{ name: "hook", plugin: "webhook", kind: "endpoint" }] },
    });
    expect(await ask("POST", "/notifications/channels/hook/test")).toMatchObject({
      body: { status: "healthy", message: "It was sent: answered 204." },
    });
    expect(told.splice(0)).toMatchObject([{ title: "Vedette: test notification" }]);
    answer = 401;
    expect(await ask("POST", "/notifications/channels/hook/test")).toMatchObject({
      body: { status: "error", message: expect.stringContaining("401") },
    });
    answer = 204;
    expect(await ask("POST", "/notifications/channels/nobody/test")).toMatchObject({ status: 404 });
    const put = (settings: object, name = "mine") =>
      ask("PUT", `/notifications/rules/${name}`, { version: 0, settings });
    expect(await put({ channels: ["hook"], cooldwn: "1m" })).toMatchObject({
      ...{ status: 400, body: { parameter: "settings.cooldwn" } },
    });
    expect(await put({ channels: ["hook"], title: "x {{ y" })).toMatchObject({
      ...{ status: 400, body: { parameter: "settings.title", detail: expect.stringContaining("column 3") } },
    });
    expect(await put({ channels: ["hook"] }, "known")).toMatchObject({ status: 409 });
    expect(
      await put({ on: "event", match: { type: ["security.firewall_*"] }, channels: ["hook"] }),
    ).toMatchObject({ status: 200, body: { version: 1 } });
    expect(await ask("DELETE", "/connections/hook")).toMatchObject({
      ...{ status: 409, body: { detail: expect.stringContaining("the notification rule known") } },
    });
  });

  it("tell of an event and its alert, and of each once across kills and an outage of the other side", async () => {
    const alerts = () => told.filter(({ title }) => title === "high: A known address");
    const items = async (path: string) =>
      (await ask("GET", `/notifications/${path}`)).body["items"] as Record<string, unknown>[];
    // The receiver has a notification before the collector has its answer: killed in between, it sends again.
    const settled = () =>
      until("the answers", async () => (await items("deliveries")).every(({ state }) => state === "sent"));
    const restart = async (): Promise<void> => {
      collector.kill("SIGKILL");
      await collector.exited;
      await start();
    };
    blocked(1_500);
    await until("both", () => told.length === 2);
    await settled();
    expect(told.map(({ title }) => title).sort()).toEqual([
      ...["high: A known address", "medium: security.firewall_block"],
    ]);
    expect((await ask("DELETE", "/notifications/rules/mine")).status).toBe(204);

    answer = 503;
    blocked(1_200);
    await until("an attempt", async () =>
      (await items("deliveries?state=waiting")).some(({ outcome }) => String(outcome).includes("503")),
    );
    await restart();
    answer = 204;
    await until("what was decided before the kill", () => alerts().length === 2);
    await settled();

    await restart();
    // The alerts of before were looked at again at the start, before this one comes.
    const matched = async () =>
      /total\{what="matched"\} [1-9]/.test(await (await fetch(`${url}/metrics`)).text());
    await until("the look back", matched);
    blocked(900);
    await until("the new one", () => alerts().length >= 3);
    await settled();
    expect(alerts().map(({ count }) => count)).toEqual([1, 1, 1]);
    expect(new Set(told.map(({ key }) => key)).size).toBe(4);

    const [first] = await items("deliveries?limit=1");
    const { next } = (await ask("GET", "/notifications/deliveries?limit=1")).body;
    const rest = await items(`deliveries?cursor=${String(next)}`);
    expect(first).toMatchObject({
      state: "sent",
      rule: "known",
      channel: "hook",
      title: "high: A known address",
    });
    expect(rest.map(({ state }) => state)).toEqual(["sent", "sent", "sent"]);
  }, 240_000);

  it("tell of the incident that the alerts are part of", async () => {
    const settings = { on: "incident", channels: ["hook"], text: "{{count}} alerts: {{entities}}" };
    expect((await ask("PUT", "/notifications/rules/stories", { version: 0, settings })).status).toBe(200);
    const threshold = { ...settings, threshold: { count: 2, within: "1m" } };
    expect(await ask("PUT", "/notifications/rules/never", { version: 0, settings: threshold })).toMatchObject(
      {
        ...{ status: 400, body: { parameter: "settings.threshold" } },
      },
    );
    const stories = () => told.filter(({ about }) => about === "incident");
    await until("the incident", () => stories().length > 0);
    expect(stories()[0]).toMatchObject({ lines: [expect.stringContaining("203.0.113.9"), "Rule: stories"] });
  });
});

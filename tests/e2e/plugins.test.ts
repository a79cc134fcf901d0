import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, type Running, until, vedette } from "@vedette/testkit";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("./support/plugins", import.meta.url));
const secret = "hunter2-and-more";

interface Detail {
  readonly condition: string;
  readonly message: string;
  readonly capabilities: readonly string[];
  readonly settings: readonly {
    key: string;
    label: string;
    value: unknown;
    locked: boolean;
    visibleIf?: object;
  }[];
  readonly components: readonly {
    role: string;
    status: string;
    errors: number;
    dropped: number;
    calls: number;
    longestBlockMs: number;
  }[];
}

describe("plugins of a collector", () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-plugins-"));
  const carried = join(dir, "carried.ndjson");
  const log = join(dir, "firewall.log");
  let url = "";
  let collector: Running;
  let output = "";

  const start = async (env: Record<string, string> = {}): Promise<void> => {
    collector = vedette(["collector", "--config", join(dir, "vedette.yaml")], { env });
    await until(
      "the collector",
      async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true,
    );
  };
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
    collector.kill(signal);
    await collector.exited;
    output += collector.stderr() + collector.stdout();
  };
  beforeAll(async () => {
    const [http, ingest] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${http}`;
    const config = {
      stateDir: join(dir, "state"),
      http: { listen: `127.0.0.1:${http}` },
      ingest: { listen: `127.0.0.1:${ingest}` },
      pluginFolders: [folder, folder.replace(/plugins$/, "threaded-plugins")],
      pluginThreads: { plugins: ["apart", "endless"] },
      plugins: { carrier: { file: carried }, apart: { file: `${carried}.apart` } },
    };
    writeFileSync(join(dir, "vedette.yaml"), JSON.stringify({ collector: config }));
    await start();
  });
  afterAll(async () => {
    await stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const get = async <Answer>(path: string): Promise<Answer> =>
    (await (await fetch(`${url}/api/v1${path}`)).json()) as Answer;
  const detail = (id: string, lang = "en") => get<Detail>(`/plugins/${id}?lang=${lang}`);
  const send = async (method: string, path: string, body: unknown = {}) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const change = (id: string, values: object) => send("PATCH", `/plugins/${id}/settings`, values);
  const blocked = async () =>
    (
      await get<{ items: { id: string; origin?: { ip?: string } }[] }>(
        "/events?from=-30d&filter=eventType:security.firewall_block",
      )
    ).items;
  const written = (file = carried): Record<string, unknown>[] =>
    existsSync(file)
      ? readFileSync(file, "utf8")
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line) as never)
      : [];
  const line = (secondsAgo: number, ip: string): string =>
    `${new Date(Date.now() - secondsAgo * 1_000).toISOString()} ${ip} blocked\n`;

  it("are found in a folder; one that does not load is named, and the others run", async () => {
    const { items, broken } = await get<{ items: { id: string; condition: string }[]; broken: object[] }>(
      "/plugins",
    );
    expect(items.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["geoip", "my_firewall", "carrier", "hanging", "crashing", "lying"]),
    );
    expect(items.find(({ id }) => id === "my_firewall")?.condition).toBe("disabled");
    const german = await detail("my_firewall", "de");
    expect(german.message).toBe("Ausgeschaltet.");
    expect(broken).toEqual([
      { place: join(folder, "broken"), reason: expect.stringContaining("does not load") },
    ]);
  });

  it("have settings with labels, gates and limits, and say what does not fit", async () => {
    const { settings } = await detail("my_firewall", "de");
    expect(settings.find(({ key }) => key === "logPath")).toMatchObject({
      ...{ label: "Log-Pfad", visibleIf: { key: "enabled", is: true }, locked: false },
    });
    const wrong = { pollInterval: 0, noSuch: 1 };
    expect(await send("POST", "/plugins/my_firewall/settings/check", { pollInterval: 0 })).toMatchObject({
      body: { problems: [{ key: "pollInterval" }] },
    });
    expect(await change("my_firewall", wrong)).toMatchObject({ status: 400, body: { parameter: "noSuch" } });
    expect(await change("carrier", { file: "/tmp/elsewhere" })).toMatchObject({
      ...{ status: 400, body: { detail: expect.stringContaining("vedette.yaml") } },
    });
    expect(await change("nobody", {})).toMatchObject({ status: 404 });
  });

  it("collect events the way of all events, each once, also across a kill", async () => {
    writeFileSync(
      log,
      line(3_600, "203.0.113.9") + line(1_800, "198.51.100.7") + line(1_795, "198.51.100.7"),
    );
    const values = { enabled: true, logPath: log, token: secret };
    expect(await change("my_firewall", values)).toMatchObject({
      status: 200,
      body: { condition: "healthy" },
    });
    // The third line falls under the plugin's duplicate rule.
    await until("the events", async () => (await blocked()).length === 2);
    await until("a second look", async () => {
      const { components } = await detail("my_firewall");
      return components.some(({ role, status }) => role === "collect" && status === "healthy");
    });
    await stop("SIGKILL");
    await start();
    await until("its collecting again", async () => {
      const { components } = await detail("my_firewall");
      return components.some((each) => each.role === "collect" && (each as { calls?: number }).calls! > 1);
    });
    expect((await blocked()).map(({ origin }) => origin?.ip).sort()).toEqual(["198.51.100.7", "203.0.113.9"]);
  });

  it("see events, raise alerts, and carry events, alerts and messages out", async () => {
    writeFileSync(log, line(60, "203.0.113.9"), { flag: "a" });
    await until("the event", async () => (await blocked()).length === 3);
    await until("the alert", async () => {
      const { items } = await get<{ items: { name: string }[] }>("/alerts?from=-1d");
      return items.some(({ name }) => name === "A known address");
    });
    await until("what is carried out", () => {
      const all = written();
      const has = (test: (each: Record<string, unknown>) => boolean): boolean => all.some(test);
      return (
        has(({ raw }) => String(raw).includes("203.0.113.9")) &&
        has(({ alert }) => alert === "A known address") &&
        has(({ topic }) => topic === "alert") &&
        has(({ topic }) => topic === "system.plugin_error")
      );
    });
  });

  it("bring widgets that name where their data is", async () => {
    type Widget = { id: string; plugin: string; kind: string; data: string; onAddress: boolean };
    const { items: all } = await get<{ items: Widget[] }>("/widgets");
    const items = all.filter(({ plugin, onAddress }) => plugin === "carrier" && !onAddress);
    expect(items.map(({ kind }) => kind)).toEqual(["counter", "trend", "top", "feed"]);
    const answers = await Promise.all(items.map(({ data }) => get<{ items: { count?: number }[] }>(data)));
    const counted = (answers[0]?.items ?? []).reduce((sum, { count = 0 }) => sum + count, 0);
    expect(counted).toBe((await blocked()).length);
    expect(answers[2]?.items).toContainEqual({ value: "203.0.113.9", count: 2 });
    expect(answers[3]?.items).toHaveLength(3);
  });

  it("keep state, and report assets that are exported when they change", async () => {
    await until("a tick that knows of those before", () =>
      written().some((each) => Number(each["ticks"] ?? 0) > 1),
    );
    const web = { id: "vm-1", name: "web", apps: [{ name: "nginx", version: "1.0" }] };
    writeFileSync(`${carried}.assets`, JSON.stringify([web, { id: "vm-2", name: "db" }, { name: "no id" }]));
    await until("the export", () => written().some(({ asset }) => asset === "vm-2"));
    writeFileSync(`${carried}.assets`, JSON.stringify([web]));
    await until("the asset to go", async () => {
      const { items } = await get<{ items: { id: string; active: boolean }[] }>("/assets");
      return items.some(({ id, active }) => id === "vm-2" && !active);
    });
    expect(await send("POST", "/plugins/export-assets")).toMatchObject({ status: 202, body: { assets: 1 } });
    await until("all again", () =>
      written().some(({ asset, manual }) => asset === "vm-1" && manual === true),
    );
  });

  it("take inventories over the API, and events find the assets that they name", async () => {
    const systems = [{ vmid: 7, hostname: "My Firewall", apps: [{ name: "fw", version: 2 }] }, {}];
    expect((await send("POST", "/assets/json-assets", { systems })).status).toBe(404);
    expect((await change("json-assets", { enabled: true, source: "sent" })).status).toBe(200);
    expect(await send("POST", "/assets/json-assets", { systems })).toMatchObject({
      ...{ status: 200, body: { seen: 1, changed: 1, gone: 0, refused: [] } },
    });
    expect((await send("POST", "/assets/json-assets", [])).body).toMatchObject({
      detail: expect.stringContaining("no inventory"),
    });
    const { items } = await get<{ items: { assetId: string }[] }>("/assets");
    expect(items.find(({ assetId }) => assetId === "json-assets/7")).toMatchObject({
      ...{ name: "My Firewall", offline: false, apps: [{ name: "fw", version: "2" }] },
    });
    const before = await blocked();
    writeFileSync(log, line(30, "198.51.100.77"), { flag: "a" });
    await until("the event", async () => (await blocked()).length > before.length);
    const linked = await get<{ items: { origin?: object }[] }>(
      "/events?from=-1d&filter=assetId:json-assets/7",
    );
    expect(linked.items).toMatchObject([{ origin: { ip: "198.51.100.77" } }]);
    // Those of before the asset was known are found too, and follow it when it gets another name.
    const found = async (filter: string) =>
      (await get<{ items: { assetId?: string }[] }>(`/events?from=-1d&limit=1000&filter=${filter}`)).items;
    const all = await found(`dataSource:${encodeURIComponent("My Firewall")}`);
    expect(all.length).toBeGreaterThan(1);
    expect(await found("asset:json-assets/7")).toHaveLength(all.length);
    expect(
      await found(`asset:neq:json-assets/7&filter=dataSource:${encodeURIComponent("My Firewall")}`),
    ).toEqual([]);
    await send("POST", "/assets/json-assets", { systems: [{ ...systems[0], hostname: "fw-2" }] });
    expect(await found("asset:json-assets/7")).toHaveLength(1);
    expect((await fetch(`${url}/api/v1/events?filter=asset:`)).status).toBe(400);
  });

  it("fail for themselves: one that crashes, one that hangs, one that lies", async () => {
    await until("the hanging one", async () => (await detail("hanging")).condition === "error");
    expect((await detail("hanging")).message).toMatch(/within 10 s|busy/);
    await until("the crashing one", async () => (await detail("crashing")).condition === "error");
    expect((await detail("crashing")).message).toBe("out of order");
    await until("the lying one", async () => {
      const { components } = await detail("lying");
      return (components[0]?.dropped ?? 0) >= 4;
    });
    const lies = async () =>
      (await get<{ items: Record<string, unknown>[] }>("/events?from=-1d&filter=dataType:lying")).items;
    await until("what is right of it", async () => (await lies()).length > 0);
    expect(await lies()).toMatchObject([
      { raw: "poses", agentId: expect.stringMatching(/^collector@/), log: { unheardOf: { of: 1 } } },
    ]);
    for (const role of ["periodic", "assets"])
      await until(`the flooding one's ${role}`, async () => {
        const { components } = await detail("flooding");
        return components.some((each) => each.role === role && each.errors > 0);
      });
    expect(
      await get<{ total?: number; items: object[] }>("/events?from=-1d&filter=dataType:flooding"),
    ).toMatchObject({
      items: [],
    });
    expect((await detail("carrier")).condition).toBe("healthy");
  });

  it("may have a thread each: all their hooks run there, and one that never comes back is ended", async () => {
    const kinds = (file?: string) => new Set(written(file).flatMap((each) => Object.keys(each)));
    await until("all that the other carrier does", () => {
      const there = kinds(`${carried}.apart`);
      return [...kinds()].every((kind) => there.has(kind));
    });
    type Threaded = Detail & { readonly thread?: { readonly restarts: number; readonly cpuSeconds: number } };
    const apart = (await detail("apart")) as Threaded;
    expect(apart).toMatchObject({ condition: "healthy", thread: { isRunning: true, restarts: 0 } });
    expect((await detail("carrier")) as Threaded).not.toHaveProperty("thread");
    const endless = await until("the end of the endless one", async () => {
      const { components, message } = await detail("endless");
      return components.some(({ errors }) => errors > 0) ? message : undefined;
    });
    expect(endless).toMatch(/did not end within 10 s/);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/vedette_plugin_thread_heap_bytes\{plugin="apart"\} \d/);
  });

  it("are in the metrics, and one that holds the whole process is named", async () => {
    const held = await until("the one that holds", async () => {
      const { components } = await detail("holding_all");
      return components.find(({ longestBlockMs }) => longestBlockMs >= 299);
    });
    expect(held).toMatchObject({ role: "periodic", status: "healthy" });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const value = (line: string): number =>
      Number(
        metrics
          .split("\n")
          .find((each) => each.startsWith(`${line} `))
          ?.split(" ")
          .at(-1),
      );
    expect(
      value('vedette_plugin_blocked_seconds_total{plugin="holding_all",part="periodic"}'),
    ).toBeGreaterThan(0.29);
    expect(value('vedette_plugin_condition{plugin="holding_all",condition="healthy"}')).toBe(1);
    expect(value('vedette_plugin_condition{plugin="crashing",condition="error"}')).toBe(1);
    expect(value('vedette_plugin_errors_total{plugin="crashing",part="collect"}')).toBeGreaterThan(0);
    await until("the line that names it", () =>
      /"plugins":\["holding_all \(periodic\)"\],"heldMs":\d+,"msg":"A plugin held the whole process/.test(
        collector.stderr(),
      ),
    );
  });

  it("say by rules which events are one, over calls too; the kept one gets what it lacks", async () => {
    type Kept = { raw: string; origin?: { host?: string }; log: Record<string, unknown> };
    const events = async (): Promise<Kept[]> =>
      (await get<{ items: Kept[] }>("/events?from=-1d&limit=100&filter=dataType:repeating")).items;
    await until("three calls", async () => {
      const { components } = await detail("repeating");
      return components.some(({ calls }) => calls >= 4);
    });
    const kept = await until("what later ones add", async () => {
      const all = await events();
      return all.some(({ origin }) => origin?.host === "late") && all;
    });
    expect(kept.map(({ raw }) => raw).sort()).toEqual(["another port", "ban 1"]);
    expect(kept.find(({ raw }) => raw === "ban 1")).toMatchObject({
      ...{ origin: { host: "late" }, log: { kind: "ban", country: "NO" } },
    });
    await until("three that are far apart", async () => {
      const range = "from=2027-01-15&to=2027-01-16";
      const { items } = await get<{ items: Kept[] }>(`/events?${range}&filter=dataType:repeating`);
      return items.length >= 3;
    });
  });

  it("are part of a debug bundle, without secrets", async () => {
    const response = await fetch(`${url}/api/v1/debug-bundle`);
    expect(response.headers.get("content-disposition")).toMatch(/vedette-debug-.*\.zip/);
    const zip = join(dir, "bundle.zip");
    writeFileSync(zip, Buffer.from(await response.arrayBuffer()));
    const files = unzipSync(readFileSync(zip));
    expect(Object.keys(files).sort()).toEqual([
      ...["about.json", "log.ndjson", "metrics.txt", "plugins.json", "status.json", "tables.json"],
    ]);
    const text = Object.values(files).map((bytes) => strFromU8(bytes));
    expect(text.join("\n")).not.toContain(secret);
    const { plugins, broken } = JSON.parse(strFromU8(files["plugins.json"]!)) as Record<
      string,
      { id: string }[]
    >;
    expect(plugins?.map(({ id }) => id)).toContain("my_firewall");
    expect(broken).toHaveLength(1);
    expect(strFromU8(files["log.ndjson"]!)).toContain("The condition of a plugin has changed.");
    expect(JSON.parse(strFromU8(files["tables.json"]!))).toContainEqual(
      expect.objectContaining({ table: "events" }),
    );
  });

  it("have secrets that nobody sees again", async () => {
    const { settings } = await detail("my_firewall");
    expect(settings.find(({ key }) => key === "token")?.value).toEqual({ set: true });
    const trail = await get<{ items: { action: string; subject: string; author: string; detail: object }[] }>(
      "/audit",
    );
    const changed = trail.items.filter(({ action }) => action === "plugin.settings");
    expect(changed.find(({ subject }) => subject === "my_firewall")).toMatchObject({
      author: "local",
      detail: {
        settings: { enabled: { from: false, to: true }, token: { from: { set: false }, to: { set: true } } },
      },
    });
    await stop();
    const state = join(dir, "state");
    const files = readdirSync(state, { recursive: true, encoding: "utf8" }).filter((name) =>
      /sqlite/.test(name),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) expect(readFileSync(join(state, name)).includes(secret), name).toBe(false);
    expect(output.includes(secret)).toBe(false);
    await start({ VEDETTE_PLUGIN_MY_FIREWALL_DISABLED: "true" });
  });

  it("can be switched off by the environment, and keep their settings", async () => {
    expect((await fetch(`${url}/api/v1/plugins/my_firewall`)).status).toBe(404);
    await stop();
    await start();
    expect((await detail("my_firewall")).settings.find(({ key }) => key === "token")?.value).toEqual({
      set: true,
    });
  });
});

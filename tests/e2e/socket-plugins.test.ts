import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fleet, until } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vsp-"));
const fixture = fileURLToPath(new URL("support/socket-plugin.ts", import.meta.url));
let fleet: Fleet;

interface Page {
  items: Record<string, unknown>[];
}
const events = async (holds: (event: Record<string, unknown>) => boolean): Promise<Page["items"]> =>
  (await fleet.get<Page>("/api/v1/events?from=-1h&limit=1000&filter=dataType:custom_data")).items.filter(
    holds,
  );
const isLine = (line: string) => (event: Record<string, unknown>) => event["raw"] === line;
const isBrought = (event: Record<string, unknown>): boolean => event["dataSource"] === "external_api";

/** Installs the plugin of a kind for one of the two. */
function install(part: string, kind: string, fault = ""): void {
  const file = join(dir, part, `${kind}.plugin`);
  mkdirSync(join(dir, part), { recursive: true });
  const node = `${process.execPath} --conditions=@vedette/source --disable-warning=ExperimentalWarning`;
  writeFileSync(file, `#!/bin/sh\nexec ${node} ${fixture} ${kind} ${fault}\n`);
  chmodSync(file, 0o755);
}
const noted = (part: string, kind: string): Record<string, unknown>[] => {
  const file = join(dir, part === "pa" ? "wa" : "wc", `${kind}.ndjson`);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
};
const append = (line: string): void => appendFileSync(join(dir, "logs", "app.log"), `${line}\n`);

beforeAll(async () => {
  mkdirSync(join(dir, "logs"));
  install("pa", "parse");
  install("pa", "input");
  for (const kind of ["analyze", "correlate", "notify"]) install("pc", kind);
  writeFileSync(
    join(dir, "pipeline.yaml"),
    `pipeline:
  - dataTypes: [custom_data]
    steps:
      - json: {source: raw}
      - dynamic: {plugin: parse, params: {key: value}}
`,
  );
  append("first line");
  fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType: "custom_data", include: [join(dir, "logs", "app.log")] }],
    agent: {
      batch: { seconds: 0.2 },
      pipelines: [join(dir, "pipeline.yaml")],
      socketPlugins: { dir: join(dir, "pa"), workDir: join(dir, "wa") },
    },
    collector: {
      socketPlugins: {
        dir: join(dir, "pc"),
        workDir: join(dir, "wc"),
        order: { analysis: ["analyze"], correlation: ["correlate"], notification: ["notify"] },
      },
    },
  });
  fleet.start("collector");
  fleet.start("agent");
  await fleet.ready();
});

afterAll(async () => {
  await fleet.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe("plugins over sockets", () => {
  it("change logs of files and bring logs of their own", async () => {
    const [fromFile] = await until("the event of the file", async () => {
      const found = await events(isLine("first line"));
      return found.length > 0 && found;
    });
    expect(fromFile).toMatchObject({ log: { custom_status: "processed_by_plugin" }, raw: "first line" });
    const [brought] = await until("an event of the input plugin", async () => {
      const found = await events(isBrought);
      return found.length > 0 && found;
    });
    expect(brought).toMatchObject({
      dataType: "custom_data",
      log: { custom_status: "processed_by_plugin", message: expect.stringMatching(/^log \d+ of/) },
    });
    await until("acknowledgements", () => noted("pa", "input").length > 3);
  });

  it("raise alerts, are given alerts, and are told of logs", async () => {
    append("something evil");
    const alert = await until("the alert", async () =>
      (await fleet.get<Page>("/api/v1/alerts?from=-1h")).items.find(({ name }) => name === "Evil was said"),
    );
    expect(alert).toMatchObject({ severity: "high", ruleId: "plugin:analyze", dataType: "custom_data" });
    const given = await until("the correlation", () => noted("pc", "correlate")[0]);
    expect(given).toEqual({ id: alert["id"], name: "Evil was said" });
    const told = await until("a message", () => noted("pc", "notify")[0]);
    expect(told).toMatchObject({
      topic: "enqueue_success",
      message: { dataType: "custom_data", dataSource: expect.any(String) },
    });
  });

  it("come back after they, or their host, were killed, and no acknowledged log is lost", async () => {
    const pids = (): Set<unknown> => new Set(noted("pa", "input").map(({ pid }) => pid));
    const [first] = pids();
    process.kill(Number(first), "SIGKILL");
    await until("a second run of the input plugin", () => pids().size >= 2);
    await fleet.kill("agent");
    const orphan = Number([...pids()].at(-1));
    fleet.start("agent");
    await until("a third run of the input plugin", () => pids().size >= 3);
    await until("the end of what the first agent left", () => !existsSync(`/proc/${orphan}`));
    append("after the kill");
    await until("the event behind it", async () => {
      const [event] = await events(isLine("after the kill"));
      return (event?.["log"] as Record<string, unknown> | undefined)?.["custom_status"] !== undefined;
    });
    const acknowledged = noted("pa", "input").map(({ acknowledged: n, pid }) => `log ${n} of ${pid}`);
    await until("every acknowledged log", async () => {
      const stored = new Set(
        (await events(isBrought)).map(({ log }) => (log as { message: string }).message),
      );
      return acknowledged.every((message) => stored.has(message));
    });
  });
});

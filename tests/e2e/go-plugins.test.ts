import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SocketHost } from "@vedette/core/socket-plugins";
import { collectorSocketPlugins } from "@vedette/core/socket-plugins/config";
import { systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { buildGoPlugins, buildWithGoSdk, Fleet, type GoPlugins, until, withoutGo } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

const isRoot = process.getuid?.() === 0;
const suite = withoutGo === undefined ? describe : describe.skip;
const title = withoutGo === undefined ? "plugins in Go" : `plugins in Go (skipped: ${withoutGo})`;

interface Page {
  items: Record<string, unknown>[];
}
const lines = (file: string): Record<string, unknown>[] =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    : [];

/** Asks a parsing plugin, alone in a host of its own, to change one log. */
async function changed(install: (dir: string) => void): Promise<unknown> {
  const dir = mkdtempSync(join(tmpdir(), "vgp-"));
  mkdirSync(join(dir, "p"));
  install(join(dir, "p"));
  const config = collectorSocketPlugins.parse({ dir: "p", workDir: "w" });
  const deps = { log: recordingLogger(), clock: systemClock, signal: new AbortController().signal };
  const host = await SocketHost.open(config, { stateDir: dir, baseDir: dir }, deps);
  onTestFinished(async () => {
    await host.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  host.start();
  const call = { plugin: "my-enricher", params: { key: "value" } };
  return (await host.parsing.parse(call, [{ root: { raw: "line" }, errors: [] }]))[0];
}
const processed = { root: { raw: "line", log: { custom_status: "processed_by_plugin" } }, errors: [] };

/** A program that gives the plugin a `/workdir` of its own. */
function installInNamespace(dir: string, program: string): void {
  const file = join(dir, "my-enricher.plugin");
  const inside = `mkdir -p /workdir && mount --bind "$WORK_DIR" /workdir && exec ${program}`;
  writeFileSync(file, `#!/bin/sh\nexec unshare -m sh -c '${inside}'\n`);
  chmodSync(file, 0o755);
}

suite(title, { timeout: 900_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), "vgo-"));
  const [agentWork, collectorWork] = [join(dir, "wa"), join(dir, "wc")];
  let built: GoPlugins;
  let fleet: Fleet;
  const events = async (): Promise<Page["items"]> =>
    (await fleet.get<Page>("/api/v1/events?from=-1h&limit=1000&filter=dataType:custom_data")).items;
  const say = (line: string): void => writeFileSync(join(dir, "logs", "app.log"), `${line}\n`, { flag: "a" });

  beforeAll(async () => {
    built = await buildGoPlugins();
    const install = (folder: string, program: string, as: string): void => {
      mkdirSync(join(dir, folder), { recursive: true });
      copyFileSync(built.file(program), join(dir, folder, `${as}.plugin`));
    };
    install("pa", "my-enricher", "my-enricher");
    install("pa", "my-data-source", "my-data-source");
    for (const name of ["analyst", "correlator", "notifier"])
      install("pc/example", name, `com.example.${name}`);
    mkdirSync(join(dir, "logs"));
    say("first line");
    const steps = "steps: [{json: {source: raw}}, {dynamic: {plugin: my-enricher, params: {key: value}}}]";
    writeFileSync(join(dir, "pipeline.yaml"), `pipeline: [{dataTypes: [custom_data], ${steps}}]\n`);
    fleet = await Fleet.create(dir, {
      inputs: [{ type: "file", dataType: "custom_data", include: [join(dir, "logs", "app.log")] }],
      agent: {
        batch: { seconds: 0.2 },
        pipelines: [join(dir, "pipeline.yaml")],
        socketPlugins: { dir: join(dir, "pa"), workDir: agentWork },
      },
      collector: {
        socketPlugins: {
          dir: join(dir, "pc"),
          workDir: collectorWork,
          order: {
            analysis: ["com.example.analyst"],
            correlation: ["com.example.correlator"],
            notification: ["com.example.notifier"],
          },
        },
      },
    });
    fleet.start("collector");
    fleet.start("agent");
    await fleet.ready();
  }, 900_000);

  afterAll(async () => {
    await fleet?.stop();
    built?.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  it("of the EventProcessor's documentation: the parser adds its field, the input's logs arrive", async () => {
    const find = (holds: (event: Record<string, unknown>) => boolean) => async () =>
      (await events()).find(holds);
    const parsed = await until(
      "the line of the file",
      find(({ raw }) => raw === "first line"),
    );
    expect(parsed).toMatchObject({ log: { custom_status: "processed_by_plugin" } });
    const brought = await until(
      "a log of the input",
      find(({ dataSource }) => dataSource === "external_api"),
    );
    expect(brought).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      raw: '{"message": "hello world"}',
      log: { message: "hello world", custom_status: "processed_by_plugin" },
    });
  });

  it("raise, correlate and tell of alerts", async () => {
    say("something evil");
    const find = async () =>
      (await fleet.get<Page>("/api/v1/alerts?from=-1h")).items.find(({ name }) => name === "Evil was said");
    const alert = await until("the alert", find);
    expect(alert).toMatchObject({ severity: "high", category: "Test", ruleId: "plugin:com.example.analyst" });
    const given = await until("the correlation", () => lines(join(collectorWork, "correlated.ndjson"))[0]);
    expect(given).toMatchObject({ id: alert["id"], name: "Evil was said", events: 1 });
    const topics = (): unknown[] => lines(join(collectorWork, "notified.ndjson")).map(({ topic }) => topic);
    await until("messages of ours and of the plugin's own", () =>
      ["enqueue_success", "own_topic"].every((topic) => topics().includes(topic)),
    );
  });

  it("come back when they are killed, and when their host is", async () => {
    const [first] = lines(join(collectorWork, "correlated.ndjson"));
    process.kill(Number(first?.["pid"]), "SIGKILL");
    say("evil again");
    const pids = (): Set<unknown> =>
      new Set(lines(join(collectorWork, "correlated.ndjson")).map(({ pid }) => pid));
    await until("an alert after the kill", () => pids().size >= 2);
    await fleet.kill("collector");
    fleet.start("collector");
    await fleet.ready();
    say("evil for the third time");
    await until("an alert after the host's kill", () => pids().size >= 3);
    for (const pid of [...pids()].slice(0, -1))
      await until("the end of those before", () => !existsSync(`/proc/${String(pid)}`));
  });

  it.skipIf(!isRoot)("that know only /workdir run in a namespace of their own (needs root)", async () => {
    const fixed = await buildGoPlugins("fixedworkdir");
    onTestFinished(() => fixed.remove());
    expect(await changed((into) => installInNamespace(into, fixed.file("my-enricher")))).toEqual(processed);
  });

  it.for(["v1.0.51", "v1.1.8", "latest"])(
    "of the official SDK %s add their field",
    async (version, { skip }) => {
      const official = await buildWithGoSdk(version);
      if (typeof official === "string")
        return skip(`The module proxy has no github.com/threatwinds/go-sdk@${version}: ${official}`);
      onTestFinished(() => official.remove());
      const program = official.file("my-enricher");
      expect(await changed((into) => installInNamespace(into, program))).toEqual(processed);
    },
  );
});

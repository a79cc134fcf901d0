import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SocketHost } from "@vedette/core/socket-plugins";
import { collectorSocketPlugins } from "@vedette/core/socket-plugins/config";
import { type Event, systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { until } from "@vedette/testkit";
import { describe, expect, it, onTestFinished } from "vitest";

const fixture = fileURLToPath(new URL("../e2e/support/socket-plugin.ts", import.meta.url));
const node = `${process.execPath} --conditions=@vedette/source --disable-warning=ExperimentalWarning`;

/** A host with programs: what each is to run, by the plugin's name. */
async function hostOf(programs: Record<string, string>, config: object = {}) {
  const dir = mkdtempSync(join(tmpdir(), "vf-"));
  mkdirSync(join(dir, "p"));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(dir, "p", `${name}.plugin`), `#!/bin/sh\n${script}\n`);
    chmodSync(join(dir, "p", `${name}.plugin`), name === "open" ? 0o777 : 0o755);
  }
  const log = recordingLogger();
  const open = (): Promise<SocketHost> =>
    SocketHost.open(
      collectorSocketPlugins.parse({ dir: "p", workDir: "w", deadlineSeconds: 5, ...config }),
      { stateDir: dir, baseDir: dir },
      { log, clock: systemClock, signal: new AbortController().signal },
    );
  const host = await open();
  onTestFinished(async () => {
    await host.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  host.start();
  return { host, log, dir, open };
}
const fixtureOf = (kind: string, fault = ""): string => `exec ${node} ${fixture} ${kind} ${fault}`;
async function parse(host: SocketHost): Promise<unknown> {
  const call = { plugin: "parse", params: undefined };
  const [answer] = await host.parsing.parse(call, [{ root: { raw: "line" }, errors: [] }]);
  if (answer instanceof Error) throw answer;
  return answer;
}
const stateOf = (host: SocketHost, id: string) => host.status().find((each) => each.id === id);
const event: Event = { id: "1", "@timestamp": "2026-01-01T00:00:00.000Z", dataType: "test", raw: "evil" };
const good = { input: fixtureOf("input"), analyze: fixtureOf("analyze") };

/** That nothing else suffers: other plugins answer, and the host does, though on a busy machine not always within the deadline. */
async function othersWork(host: SocketHost): Promise<void> {
  const alerts = await until("an alert of another plugin", async () => {
    const raised = await host.analyze(1, () => event);
    return raised.length > 0 && raised;
  });
  expect(alerts).toMatchObject([{ name: "Evil was said" }]);
}

describe("a parsing plugin that is no good costs itself only", () => {
  const order = { analysis: ["analyze"] };

  it("crashing at each log", async () => {
    const { host, log } = await hostOf({ ...good, parse: fixtureOf("parse", "crash") }, { order });
    await expect(parse(host)).rejects.toThrow(/parse/);
    await othersWork(host);
    await until("its restart", () => (stateOf(host, "parse")?.restarts ?? 0) > 0);
    expect(
      log.lines.filter(({ message }) => message.includes("has ended and is started again"))[0]?.fields,
    ).toMatchObject({
      plugin: "parse",
      ended: expect.stringContaining("code 7"),
    });
  });

  it("hanging: it is killed and started again", async () => {
    const { host } = await hostOf(
      { ...good, parse: fixtureOf("parse", "hang") },
      { order, deadlineSeconds: 0.5 },
    );
    await until("its socket", () => stateOf(host, "parse")?.kind === "parsing");
    await Promise.allSettled(Array.from({ length: 12 }, () => parse(host)));
    await until("its restart", () => (stateOf(host, "parse")?.restarts ?? 0) > 0);
    await until("the others", () => stateOf(host, "analyze")?.kind === "analysis");
    await othersWork(host);
  });

  it("flooding its output: the log has a bounded part of it, with its fields", async () => {
    const { host, log } = await hostOf({ ...good, parse: fixtureOf("parse", "flood") }, { order });
    expect(await parse(host)).toMatchObject({ root: { log: { custom_status: "processed_by_plugin" } } });
    await until("lines", () => log.lines.some(({ fields }) => "entry" in fields));
    const said = log.lines.filter(({ message }) => message.startsWith("A plugin says"));
    expect(said.length).toBeLessThan(1_000);
    expect(said[0]).toMatchObject({ level: "warn", fields: { plugin: "parse", entry: { msg: "flood 0" } } });
    await othersWork(host);
  });

  it("filling memory: it is killed above its limit", async () => {
    const { host } = await hostOf({ ...good, parse: fixtureOf("parse", "fill") }, { order, memoryMiB: 300 });
    await parse(host).catch(() => undefined);
    await until("its restart", () => (stateOf(host, "parse")?.restarts ?? 0) > 0);
    await othersWork(host);
  });

  it("that nobody can start, or that anybody may change, is told and left alone", async () => {
    const { host } = await hostOf({ ...good, broken: "exit 3", open: "exec sleep 60" }, { order });
    await until("its restarts", () => (stateOf(host, "broken")?.restarts ?? 0) > 1);
    expect(["warning", "error"]).toContain(stateOf(host, "broken")?.state);
    expect(stateOf(host, "broken")?.message).toContain("code 3");
    await until("the others", () => stateOf(host, "analyze")?.kind === "analysis");
    await othersWork(host);
    const message = expect.stringContaining("Everybody may change it: chmod o-w");
    expect(stateOf(host, "open")).toMatchObject({ state: "disabled", restarts: 0, message });
  });
});

describe("a host", () => {
  it("ends what a host before it left, and nothing else", async () => {
    const { host, dir } = await hostOf({ sleeper: "exec sleep 300" });
    const note = join(dir, "w", "run", "sleeper.json");
    await until("the note", () => existsSync(note) && statSync(note).size > 0);
    const { pid } = JSON.parse(readFileSync(note, "utf8")) as { pid: number };
    // A note of another process under the same number, and one of an earlier boot.
    const own = { pid: process.pid, started: "1", boot: "x" };
    writeFileSync(join(dir, "w", "run", "other.json"), JSON.stringify(own));
    const log = recordingLogger();
    const deps = { log, clock: systemClock, signal: new AbortController().signal };
    const config = collectorSocketPlugins.parse({ workDir: "w" });
    const next = await SocketHost.open(config, { stateDir: dir, baseDir: dir }, deps);
    onTestFinished(() => next.stop());
    await until("the end of it", () => {
      try {
        process.kill(pid, 0);
        return readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
      } catch {
        return true;
      }
    });
    expect(log.lines.map(({ message }) => message)).toContain(
      "A plugin outlived the host that started it; it is ended.",
    );
    await host.stop();
  });

  it("keeps its own environment and takes away a lock that was left", async () => {
    process.env["VEDETTE_TEST_SECRET"] = "secret";
    onTestFinished(() => {
      delete process.env["VEDETTE_TEST_SECRET"];
    });
    const dir = mkdtempSync(join(tmpdir(), "vf-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    mkdirSync(join(dir, "w", "pipeline"), { recursive: true });
    writeFileSync(join(dir, "w", "pipeline", "config.lock"), "1");
    mkdirSync(join(dir, "p"));
    writeFileSync(join(dir, "p", "env.plugin"), '#!/bin/sh\nenv > "$WORK_DIR/env"\nexec sleep 60\n');
    chmodSync(join(dir, "p", "env.plugin"), 0o755);
    const config = collectorSocketPlugins.parse({
      dir: "p",
      workDir: "w",
      settings: { "my-enricher": { token: "x" } },
      order: { analysis: ["b", "a"] },
      nodeGroups: ["one", "two"],
    });
    const deps = { log: recordingLogger(), clock: systemClock, signal: new AbortController().signal };
    const host = await SocketHost.open(config, { stateDir: dir, baseDir: dir }, deps);
    onTestFinished(() => host.stop());
    expect(existsSync(join(dir, "w", "pipeline", "config.lock"))).toBe(false);
    expect(readFileSync(join(dir, "w", "pipeline", "vedette.yaml"), "utf8")).toContain("token: x");
    expect(statSync(join(dir, "w", "pipeline", "vedette.yaml")).mode & 0o777).toBe(0o600);
    host.start();
    const file = join(dir, "w", "env");
    await until("the environment", () => existsSync(file) && readFileSync(file, "utf8").includes("WORK_DIR"));
    const env = readFileSync(file, "utf8");
    for (const line of ["MODE=manager", "NODE_GROUPS=one,two", "LOG_LEVEL=200", `WORK_DIR=${join(dir, "w")}`])
      expect(env).toContain(`${line}\n`);
    expect(env).toContain("NODE_NAME=");
    expect(env).not.toContain("VEDETTE_TEST_SECRET");
  });
});

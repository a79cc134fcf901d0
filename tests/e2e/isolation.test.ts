import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, until, vedette } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** Other users can be had by root only. */
const isRoot = process.getuid?.() === 0;
const root = fileURLToPath(new URL("../../", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "vi-"));
chmodSync(dir, 0o755);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const folder = (name: string, mode = 0o755): string => {
  mkdirSync(join(dir, name), { recursive: true });
  chmodSync(join(dir, name), mode);
  return join(dir, name);
};
const file = (name: string, text: string, mode = 0o644): string => {
  const path = join(dir, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

/** Tries what a plugin should not be able to do; a line for each, and what came of it. */
const spy = `
say() { echo "$1=$2"; }
try() { name=$1; shift; if out=$("$@" 2>/dev/null | head -c 200 | tr '\\n' ' '); [ -n "$out" ]; then say "$name" "$out"; else say "$name" no; fi; }
say user "$(id -u) $(id -g) $(id -G)"
say fds "$(ls /proc/self/fd | wc -l)"
say env "$(env | grep -c VEDETTE_TEST_SECRET)"
try state cat "$STATE"
try world cat "$WORLD"
try readable cat "$READABLE/text"
for other in $OTHERS; do try "config$other" cat "$other/pipeline/vedette.yaml"; done
for pid in $(ls /proc | grep '^[0-9]*$'); do tr '\\0' '\\n' < /proc/$pid/environ 2>/dev/null | grep -q 'I_AM_ANOTHER' && say "environ" seen; done
if echo x > "$WRITABLE/mine-$(id -u)" 2>/dev/null; then say writable yes; else say writable no; fi
if echo x > "$READABLE/mine" 2>/dev/null; then say readonly broken; else say readonly kept; fi
if echo x > "$PROGRAM/mine" 2>/dev/null; then say program broken; else say program kept; fi
say net "$(cut -d: -f1 /proc/net/dev | tail -n +3 | tr -d ' ' | tr '\\n' ' ')"
say caps "$(grep CapEff /proc/self/status | cut -f2)"
say nnp "$(grep NoNewPrivs /proc/self/status | cut -f2)"
`;
/** Asks hosts by the proxy that its environment names, and one past it. */
const reach = `
import { renameSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
const [open, closed] = process.argv.slice(2).map((port) => "http://127.0.0.1:" + port + "/");
const said = async (what) => (await what).replaceAll(/\\s+/g, " ");
const asked = (url) => fetch(url).then((each) => each.text(), (error) => "no: " + error.cause?.message);
const past = new Promise((resolve) => request(open, { agent: new Agent({ proxyEnv: {} }) })
  .on("error", (error) => resolve("no: " + error.code)).on("response", () => resolve("yes")).end());
const lines = ["open=" + (await said(asked(open))), "closed=" + (await said(asked(closed))), "past=" + (await past)];
writeFileSync(process.env.WORK_DIR + "/logs/new", lines.join("\\n"));
renameSync(process.env.WORK_DIR + "/logs/new", process.env.WORK_DIR + "/logs/report");
setTimeout(() => {}, 600_000);
`;
const facts = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1).trim()]),
  );

describe.skipIf(!isRoot)("plugins that are programs, kept apart", () => {
  const own = join(dir, "own");
  const first = 61_000;
  const plugins = folder("programs");
  const state = file("state-secret", "the secret of the host", 0o600);
  const world = file("world", "what everybody may read");
  const readable = folder("readable");
  const writable = folder("writable", 0o777);
  file("readable/text", "declared");
  chmodSync(readable, 0o777);
  const environment = {
    ...{ STATE: state, WORLD: world, READABLE: readable, WRITABLE: writable, PROGRAM: plugins },
    OTHERS: [0, 1, 2].map((index) => join(own, String(first + index))).join(" "),
  };
  const program = (name: string, more = ""): void => {
    const script = `#!/bin/sh\n${more}\n{ ${spy} } > "$WORK_DIR/logs/new"\nmv "$WORK_DIR/logs/new" "$WORK_DIR/logs/report"\nexec sleep 600\n`;
    file(`programs/${name}.plugin`, script, 0o755);
  };
  let agent: ReturnType<typeof vedette>;
  const config = join(dir, "vedette.yaml");
  const open = createServer((_, response) => response.end("the open host"));
  const closed = createServer((_, response) => response.end("the closed host"));
  afterAll(() => {
    open.close();
    closed.close();
  });
  beforeAll(async () => {
    for (const each of [open, closed]) await once(each.listen(0, "127.0.0.1"), "listening");
    const ports = [open, closed].map((each) => (each.address() as AddressInfo).port);
    file("programs/reach.mjs", reach);
    const reacher = `#!/bin/sh\nexec ${process.execPath} ${join(plugins, "reach.mjs")} ${ports.join(" ")}\n`;
    file("programs/reacher.plugin", reacher, 0o755);
    program("alone");
    program("free", "I_AM_ANOTHER=1; export I_AM_ANOTHER");
    const node = [process.execPath, "--conditions=@vedette/source", "--disable-warning=ExperimentalWarning"];
    const source = join(root, "tests", "e2e", "support", "socket-plugin.ts");
    file("programs/parse.plugin", `#!/bin/sh\nexec ${[...node, source, "parse"].join(" ")}\n`, 0o755);
    folder("icon");
    const head =
      "plugin_spec_version: v2\nextension: plugin\nname: looker\ntitle: Looker\nversion: 1.0.0\nvendor: v\n";
    const output = "output: { rows: { title: Rows, type: '[]object', required: true } }";
    file("icon/plugin.spec.yaml", `${head}tasks:\n  look: { title: Look, description: Looks, ${output} }\n`);
    const answer = `{"version":"v1","type":"task_event","body":{"status":"ok","meta":{},"log":"","output":[{"saw":"'"$saw"'"}],"state":{},"has_more_pages":false,"status_code":200}}`;
    const look = `#!/bin/sh\ncat > /dev/null\nsaw=$( { ${spy} } | sed 's/["\\\\]//g' | tr '\\n' '|')\necho '${answer}'\n`;
    file("icon/look.sh", look, 0o755);
    file("icon/vedette.plugin.yaml", JSON.stringify({ command: ["/bin/sh", "look.sh"], env: environment }));
    file("lines.log", "one line\n");
    file(
      "pipeline.yaml",
      "pipeline:\n  - dataTypes: [lines]\n    steps:\n      - dynamic: { plugin: parse }\n",
    );
    const confined = { network: "none", readable: [readable], writable: [writable] };
    const rules = {
      reacher: { hosts: [`127.0.0.1:${(open.address() as AddressInfo).port}`] },
      alone: confined,
      looker: confined,
      parse: { network: "none", readable: [root, dirname(process.execPath)] },
    };
    const settings = {
      ...{
        stateDir: join(dir, "state"),
        pipelines: ["pipeline.yaml"],
        collector: { address: "127.0.0.1:1" },
      },
      inputs: [
        { type: "file", dataType: "lines", include: [join(dir, "lines.log")] },
        { type: "icon", dataType: "looks", plugin: "icon", component: "look", everySeconds: 600 },
      ],
      socketPlugins: {
        ...{ dir: "programs", environment },
        settings: { alone: { key: "key-of-alone" }, free: { key: "key-of-free" } },
      },
      isolation: { users: { first, count: 100 }, dir: own, rules },
    };
    writeFileSync(config, JSON.stringify({ agent: settings }));
    agent = vedette(["agent", "--config", config], { env: { VEDETTE_TEST_SECRET: "x" } });
  });
  afterAll(async () => {
    agent?.kill("SIGTERM");
    await agent?.exited;
  });

  const users = (): Record<string, number> =>
    JSON.parse(readFileSync(join(own, "users.json"), "utf8")) as never;
  const report = (name: string): Promise<Record<string, string>> =>
    until(`what ${name} saw`, () =>
      facts(readFileSync(join(own, String(users()[`socket/${name}`]), "logs", "report"), "utf8")),
    );
  const events = async (): Promise<{ raw: string; dataType: string; log?: Record<string, unknown> }[]> => {
    const { stdout } = await run(["spool", "cat", join(dir, "state", "spool")]);
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as never);
  };
  const others = (saw: Record<string, string>, mine: number): string[] =>
    Object.entries(saw).flatMap(([key, value]) =>
      key.startsWith("config/") && !key.endsWith(`/${mine}`) ? [value] : [],
    );

  it("runs a socket plugin as a user of its own, who reads neither our files nor those of others", async () => {
    const saw = await report("free");
    const mine = users()["socket/free"]!;
    expect(saw).toMatchObject({
      user: `${mine} ${mine} ${mine}`,
      state: "no",
      env: "0",
      caps: "0000000000000000",
    });
    expect(saw).toMatchObject({ nnp: "1", program: "kept", world: "what everybody may read" });
    // stdin, stdout, stderr and what `ls` opens.
    expect(Number(saw["fds"])).toBeLessThanOrEqual(5);
    expect(saw[`config${join(own, String(mine))}`]).toContain("key-of-free");
    expect(saw[`config${join(own, String(mine))}`]).not.toContain("key-of-alone");
    expect(others(saw, mine)).toEqual(["no", "no"]);
    expect(statSync(join(own, String(mine))).mode & 0o777).toBe(0o750);
    expect(statSync(join(own, String(mine), "sockets")).mode & 0o777).toBe(0o700);
  });

  it("shows one with rules only the files and the network that they name", async () => {
    const saw = await report("alone");
    const mine = users()["socket/alone"]!;
    expect(saw).toMatchObject({
      user: `${mine} ${mine} ${mine}`,
      state: "no",
      world: "no",
      readable: "declared",
    });
    expect(saw).toMatchObject({ writable: "yes", readonly: "kept", program: "kept", net: "lo" });
    expect(saw[`config${join(own, String(mine))}`]).toContain("key-of-alone");
    expect(others(saw, mine)).toEqual(["no", "no"]);
    expect(saw["environ"]).toBeUndefined();
  });

  it("lets one reach the hosts that its rule names, by a proxy, and no other", async () => {
    const saw = await report("reacher");
    expect(saw["open"]).toBe("the open host");
    expect(saw["closed"]).toMatch(/^no: /);
    expect(saw["past"]).toBe("no: ECONNREFUSED");
  });

  it("confines an InsightConnect plugin in the same way", async () => {
    const looked = await until(
      "its row",
      async () => (await events()).find(({ dataType }) => dataType === "looks"),
      {
        everyMs: 500,
      },
    );
    const saw = facts((JSON.parse(looked.raw) as { saw: string }).saw.replaceAll("|", "\n"));
    expect(saw["user"]).toMatch(/^610\d\d 610\d\d 610\d\d$/);
    expect(saw).toMatchObject({ state: "no", world: "no", readable: "declared", writable: "yes", net: "lo" });
    expect(saw).toMatchObject({ readonly: "kept", caps: "0000000000000000", nnp: "1", env: "0" });
    expect(others(saw, 0)).toEqual(["no", "no", "no"]);
  });

  it("still speaks with one that sees neither network nor files", async () => {
    const parsed = await until(
      "the line",
      async () => (await events()).find(({ dataType }) => dataType === "lines"),
      {
        everyMs: 500,
      },
    );
    expect(parsed).toMatchObject({ raw: "one line", log: { custom_status: "processed_by_plugin" } });
  });

  it("gives a plugin the same user after a restart, and refuses what it cannot hold", async () => {
    const before = users();
    agent.kill("SIGKILL");
    await agent.exited;
    agent = vedette(["agent", "--config", config]);
    await until("a new start", () => agent.stderr().includes("A plugin was started."));
    expect(users()).toEqual(before);
    const hidden = folder("hidden", 0o700);
    const { agent: settings } = JSON.parse(readFileSync(config, "utf8")) as { agent: { isolation: object } };
    const elsewhere = { ...settings.isolation, dir: join(hidden, "own") };
    const changed = { agent: { ...settings, stateDir: join(dir, "state-2"), isolation: elsewhere } };
    const refused = await run(["agent", "--config", file("hidden.yaml", JSON.stringify(changed))]);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`may not pass through ${hidden}`),
    });
  });
});

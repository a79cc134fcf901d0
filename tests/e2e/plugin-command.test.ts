import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "@vedette/sdk/testing";
import { childrenOf, run, vedette } from "@vedette/testkit";
import { afterAll, describe, expect, it } from "vitest";

const example = fileURLToPath(new URL("../../deploy/examples/icon/address_list", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "vedette-plugin-command-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};

const list = file(
  "list.ndjson",
  `{"address": "203.0.113.7", "reason": "scanner"}\n{"address": "198.51.100.9"}\n{"address": "203.0.113.7", "reason": "bot"}\n`,
);
const connection = ["--connection", file("connection.yaml", `file: ${list}\n`)];
const lines = (text: string): unknown[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);

describe("vedette plugin check and schema", () => {
  it("says what is wrong, where and by which rule; errors fail, warnings do not", async () => {
    const good = await run(["plugin", "check", example]);
    expect(good).toMatchObject({ code: 0, stdout: "" });
    const bad = file("bad.yaml", "name: x\nactions:\n  a: { input: { b: { type: strin } } }\n");
    const { code, stdout } = await run(["plugin", "check", bad]);
    expect(code).toBe(2);
    expect(stdout).toContain(
      `${bad}:3:28: actions.a.input.b.type: There is no type "strin"; any value is taken. Did you mean "string"? [type.unknown]\n`,
    );
    const json = await run(["plugin", "check", bad, "--json", "--quiet"]);
    expect(JSON.parse(json.stdout)).toContainEqual(
      expect.objectContaining({ rule: "type.unknown", line: 3, column: 28 }),
    );
    expect(await run(["plugin", "check", join(dir, "none")])).toMatchObject({ code: 2 });
  });

  it("prints the schema of a component, whatever it is called", async () => {
    for (const name of ["actions/lookup", "action.lookup", "lookup", "Look Up"]) {
      const { code, stdout } = await run(["plugin", "schema", example, name, "output"]);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ type: "object", required: ["entries", "found"] });
    }
    expect(JSON.parse((await run(["plugin", "schema", example, "connection"])).stdout)).toMatchObject({
      required: ["file"],
    });
    const wrong = await run(["plugin", "schema", example, "lokup"]);
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.stderr).toContain('Did you mean "lookup"?');
  });
});

describe("vedette plugin run", () => {
  it("describes a plugin and a message without starting it", async () => {
    expect((await run(["plugin", "run", example, "--info"])).stdout).toContain(
      "lookup  Say what is known of an address",
    );
    const { stdout } = await run(["plugin", "run", example, "lookup", "--sample"]);
    expect(JSON.parse(stdout)).toMatchObject({
      version: "v1",
      type: "action_start",
      body: { action: "lookup", input: { address: "203.0.113.7" } },
    });
  });

  it("says what to run where that is open", async () => {
    const { code, stderr } = await run(["plugin", "run", example]);
    expect(code).toBe(2);
    expect(stderr).toContain("actions/lookup, tasks/monitor_entries, triggers/new_entry");
  });

  const missing =
    spawnSync("python3", ["--version"]).status === 0 || process.env["CI"]
      ? undefined
      : "(there is no python3)";
  describe.skipIf(missing !== undefined)(`a plugin in Python ${missing ?? ""}`, () => {
    it("an action", async () => {
      const input = file("input.json", '{"address": "203.0.113.7"}');
      const { code, stdout, stderr } = await run([
        "plugin",
        "run",
        example,
        "lookup",
        "--input",
        input,
        ...connection,
      ]);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({
        found: true,
        entries: [
          { address: "203.0.113.7", reason: "scanner" },
          { address: "203.0.113.7", reason: "bot" },
        ],
      });
      expect(stderr).toContain("Found 2 entries.");
    });

    it("input from stdin; what does not fit is refused before anything runs", async () => {
      const command = ["plugin", "run", example, "lookup", "--input", "-", ...connection];
      expect(await run(command, { input: "address: 192.0.2.1" })).toMatchObject({ code: 0 });
      const empty = await run(command, { input: '{"address": ""}' });
      expect(empty).toMatchObject({ code: 2, stdout: "" });
      expect(empty.stderr).toContain("address is required and must not be null or empty");
    });

    it("a test of the connection, good and bad", async () => {
      expect(await run(["plugin", "run", example, "--test", ...connection])).toMatchObject({ code: 0 });
      const nowhere = ["--connection", file("nowhere.yaml", "file: /no/such/file\n")];
      const { code, stderr } = await run(["plugin", "run", example, "--test", ...nowhere]);
      expect(code).toBe(1);
      expect(stderr).toContain("There is no such file. Check the path of the connection.");
    });

    it("a task, page by page and on from where it was", async () => {
      const input = ["--input", file("page.json", '{"page_size": 2}'), "--state", join(dir, "cursors")];
      const command = ["plugin", "run", example, "monitor_entries", ...connection, ...input];
      const first = await run(command);
      expect(lines(first.stdout)).toHaveLength(2);
      expect(first.stderr).toContain("there are more");
      const second = await run([...command, "--pages", "5"]);
      expect(lines(second.stdout)).toEqual([{ address: "203.0.113.7", reason: "bot" }]);
      expect((await run(command)).stdout).toBe("");
    });

    it.skipIf(!existsSync("/usr/bin/setpriv"))(
      "a trigger that does not outlive a killed vedette",
      async () => {
        const host = vedette(["plugin", "run", example, "new_entry", ...connection, "--events", "100"]);
        await eventually("its events", () => host.stdout().split("\n").length > 3, 30_000);
        const [program = 0] = childrenOf(host.pid);
        expect(program).toBeGreaterThan(1);
        host.kill("SIGKILL");
        await eventually("the end of its program", () => !existsSync(`/proc/${program}`));
      },
    );

    it("a trigger, for a number of events", async () => {
      const command = ["plugin", "run", example, "new_entry", ...connection, "--events", "2"];
      const { code, stdout } = await run(command);
      expect(code).toBe(0);
      expect(lines(stdout)).toEqual([
        { entry: { address: "203.0.113.7", reason: "scanner" } },
        { entry: { address: "198.51.100.9" } },
      ]);
    });
  });
});

describe("vedette plugin serve", () => {
  it("offers a plugin of ours as the program of one of theirs, and as a server", async () => {
    const serve = ["plugin", "serve", "geoip"];
    const sample = await run([...serve, "sample", "lookup"]);
    expect(sample.code).toBe(0);
    const start = JSON.parse(sample.stdout) as { body: { input: object; connection: object } };
    const input = JSON.stringify({
      ...start,
      body: { ...start.body, input: { value: "8.8.8.8" }, connection: {} },
    });
    const { code, stdout } = await run([...serve, "run"], { input });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      type: "action_event",
      body: { status: "ok", output: { found: true } },
    });
    expect(await run(["plugin", "serve", "geopi"])).toMatchObject({ code: 2 });

    const server = vedette([...serve, "--port", "0"]);
    try {
      await eventually("the server", () => server.stderr().includes("http://"));
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(server.stderr()) ?? [""];
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${url}/actions/lookup`, { method: "POST", headers, body: input });
      expect(await answer.json()).toMatchObject({ body: { output: { found: true } } });
    } finally {
      server.kill("SIGTERM");
    }
    expect(await server.exited).toMatchObject({ code: 0 });
  });
});

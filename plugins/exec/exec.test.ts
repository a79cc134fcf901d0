import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, InputBench, manifestProblems } from "@vedette/sdk/testing";
import { describe, expect, it } from "vitest";
import { exec } from "./index.ts";
import { input } from "./input.ts";

const script = (code: string, ...args: string[]): string[] => [process.execPath, "-e", code, ...args];
const problems = (settings: unknown): string =>
  input.settings
    .safeParse(settings)
    .error?.issues.map(({ path }) => path.join("."))
    .join() ?? "";

describe("settings", () => {
  it("keep the contract", () => {
    expect(manifestProblems(exec)).toEqual([]);
    expect(problems({})).toBe("command");
    expect(problems({ command: [""] })).toBe("command");
    expect(problems({ command: ["a\0b"] })).toBe("command.0");
    expect(problems({ command: "ls -l" })).toBe("command");
    expect(problems({ command: ["ls"], inheritEnv: ["A B"] })).toBe("inheritEnv.0");
    expect(problems({ command: ["ls"] })).toBe("");
  });
});

describe("on an interval", () => {
  it("makes an event of each line, and runs again", async () => {
    const bench = new InputBench();
    const life = await bench.start(input, {
      command: script("console.log('one\\n\\ntwo\\r'); process.stdout.write('thr\\u00e9e')"),
      everySeconds: 0.1,
    });
    await eventually("two runs", () => life.logs.length >= 6);
    await life.stop();
    expect(bench.kept.slice(0, 3).map(({ raw }) => raw)).toEqual(["one", "two", "thrée"]);
    expect(bench.kept[0]?.facts).toMatchObject({ program: process.execPath, exitCode: "0" });
    expect(new Set(bench.kept.map(({ id }) => id)).size).toBe(bench.kept.length);
    expect(life.input.health?.()?.status).toBe("healthy");
  });

  it("makes one event of a whole output, and goes on numbering after a restart", async () => {
    const bench = new InputBench();
    for (let turn = 0; turn < 2; turn++) {
      const life = await bench.start(input, {
        command: script("console.log('a\\nb'); process.exitCode = 3"),
        event: "output",
      });
      await eventually("a run", () => life.logs.length === 1);
      await life.stop();
    }
    expect(bench.kept.map(({ raw, facts }) => [raw, facts?.["exitCode"]])).toEqual([
      ["a\nb\n", "3"],
      ["a\nb\n", "3"],
    ]);
    expect(bench.kept[1]?.position.offset).toBe(bench.kept[0]?.position.end);
    expect(bench.counted.get("failed exit")).toBe(2);
  });

  it("passes arguments as they are and only the allowed environment", async () => {
    const bench = new InputBench();
    process.env["VEDETTE_TEST_HIDDEN"] = "1";
    const life = await bench.start(input, {
      command: script(
        "console.log(JSON.stringify([process.argv.slice(1), Object.keys(process.env).sort(), process.cwd()]))",
        "$(id); `id` | cat > x",
      ),
      inheritEnv: ["PATH", "NO_SUCH_VARIABLE"],
      env: { OWN: "x" },
    });
    await eventually("a run", () => life.logs.length === 1);
    await life.stop();
    delete process.env["VEDETTE_TEST_HIDDEN"];
    expect(JSON.parse(bench.kept[0]?.raw ?? "")).toEqual([
      ["$(id); `id` | cat > x"],
      ["OWN", "PATH"],
      bench.dir,
    ]);
  });

  it("ends a run that takes too long with everything it started", async () => {
    const bench = new InputBench();
    const alive = join(bench.dir, "grandchild");
    const grandchild = `setInterval(() => require('fs').writeFileSync(${JSON.stringify(alive)}, String(Date.now())), 20)`;
    const life = await bench.start(input, {
      command: script(
        `process.on('SIGTERM', () => {}); console.log('begun'); require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}]); setInterval(() => {}, 1000)`,
      ),
      timeoutSeconds: 10,
      everySeconds: 100,
    });
    await eventually("the grandchild", () => existsSync(alive));
    await eventually("the end of the run", () => life.logs.length === 1);
    expect(life.logs[0]).toMatchObject({ raw: "begun", facts: { ended: "timeout", exitSignal: "SIGKILL" } });
    const last = readFileSync(alive, "utf8");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(readFileSync(alive, "utf8")).toBe(last);
    expect(bench.counted.get("failed timeout")).toBe(1);
    await life.stop();
  });

  it("ends a run that writes too much and says so", async () => {
    const bench = new InputBench();
    const life = await bench.start(input, { command: ["yes", "0123456789"], maxOutputBytes: 2_000 });
    await eventually("the end of the run", () => life.logs.length >= 182);
    await life.stop();
    expect(bench.kept).toHaveLength(182);
    expect(bench.kept[0]?.raw).toBe("0123456789");
    expect(bench.kept.at(-1)).toMatchObject({ raw: "012345678", facts: { ended: "output_limit" } });
    expect(bench.kept.at(-1)?.flaw).toMatch(/more than it may/);
    expect(bench.counted.get("failed output_limit")).toBe(1);
  });

  it("reports a program that is not there", async () => {
    const bench = new InputBench();
    const life = await bench.start(input, { command: ["/no/such/program"] });
    await eventually("the failure", () => bench.counted.get("failed start") === 1);
    expect(life.input.health?.()).toMatchObject({ status: "warning" });
    expect(life.input.health?.()?.message).toMatch(/could not be started/);
    await life.stop();
    expect(bench.kept).toEqual([]);
  });

  it("logs stderr within bounds", async () => {
    const bench = new InputBench();
    const life = await bench.start(input, {
      command: script("for (let i = 0; i < 5000; i++) console.error('trouble ' + i); console.log('done')"),
    });
    await eventually("a run", () => life.logs.length === 1);
    await life.stop();
    expect(
      bench.log.lines.filter(({ message }) => message === "A program wrote to its stderr."),
    ).toHaveLength(100);
  });
});

describe("as a stream", () => {
  it("reads lines as they come, cuts long ones, and starts a program that ends again", async () => {
    const bench = new InputBench();
    const life = await bench.start(input, {
      command: script("console.log('first'); console.log('x'.repeat(5000)); process.exitCode = 7"),
      mode: "stream",
      maxLineBytes: 1_024,
      restartSeconds: 0.1,
    });
    await eventually("three starts", () => life.logs.length >= 6);
    await life.stop();
    expect(bench.kept[0]?.raw).toBe("first");
    expect(bench.kept[1]).toMatchObject({
      raw: "x".repeat(1_024),
      flaw: "The message was cut at 1024 bytes.",
    });
    expect(bench.counted.get("failed exit")).toBeGreaterThanOrEqual(2);
    expect(bench.counted.get("flawed cut")).toBeGreaterThanOrEqual(3);
  });

  it("makes a program wait that writes faster than can be taken, and loses none of it", async () => {
    const bench = new InputBench();
    const count = join(bench.dir, "count");
    const code = `
      const fs = require('fs');
      for (let i = 0; ; i++) { fs.writeSync(1, 'line ' + i + ' ' + 'x'.repeat(500) + '\\n'); if (i % 100 === 0) fs.writeFileSync(${JSON.stringify(count)}, String(i)); }`;
    let open: (() => void) | undefined;
    let gate: Promise<void> | undefined = new Promise((resolve) => {
      open = resolve;
    });
    const life = await bench.start(input, { command: script(code), mode: "stream" }, { gate: () => gate });
    await eventually("the program to write", () => existsSync(count));
    let before = -1;
    await eventually("the program to wait", async () => {
      const now = Number(readFileSync(count, "utf8"));
      const still = now === before;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return still;
    });
    expect(life.logs).toHaveLength(1);
    expect(before).toBeLessThan(2_000);
    gate = undefined;
    open?.();
    await eventually("more lines", () => life.logs.length > before + 500);
    await life.stop();
    expect(bench.kept.every(({ raw }, index) => raw.startsWith(`line ${index} `))).toBe(true);
  });

  it("ends the program when the agent stops", async () => {
    const bench = new InputBench();
    const pid = join(bench.dir, "pid");
    writeFileSync(pid, "");
    const life = await bench.start(input, {
      command: script(
        `require('fs').writeFileSync(${JSON.stringify(pid)}, String(process.pid)); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`,
      ),
      mode: "stream",
    });
    await eventually("the program", () => readFileSync(pid, "utf8") !== "");
    const began = performance.now();
    await life.stop();
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(() => process.kill(Number(readFileSync(pid, "utf8")), 0)).toThrow();
  });
});

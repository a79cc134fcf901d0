import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, run, until } from "@vedette/testkit";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = fileURLToPath(new URL("official", import.meta.url));
const python = [join(root, ".tools", "icon-python", "bin", "python"), "python3"].find((program) => {
  try {
    execFileSync(program, ["-c", "import insightconnect_plugin_runtime"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});
const dir = mkdtempSync(join(tmpdir(), "vedette-official-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Writes JSON to a file of its own and gives its path. */
function file(name: string, value: unknown): string {
  const path = join(dir, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
}
const right = file("right.json", { url: "https://example.org", key: { secretKey: "right" } });
const wrong = file("wrong.json", { url: "https://example.org", key: { secretKey: "wrong" } });
const text = (words: string, more = {}): string => file(`${words}.json`, { text: words, ...more });
const program = ["--", python ?? "python3", "bin/icon_sample_words"];
const plugin = (...args: string[]) => run(["plugin", "run", folder, ...args]);

describe.skipIf(!python)(
  `a plugin over the vendor's own runtime${python ? "" : ": there is no Python with insightconnect-plugin-runtime"}`,
  () => {
    it("acts", async () => {
      const input = text("b a B", { mode: "lower", attachment: { filename: "a", content: "aGk=" } });
      const { stdout, code } = await plugin(
        "count_words",
        "--connection",
        right,
        "--input",
        input,
        ...program,
      );
      expect([code, JSON.parse(stdout)]).toEqual([
        0,
        {
          words: [
            { text: "a", count: 1 },
            { text: "b", count: 2 },
          ],
          total: 2,
        },
      ]);
    });

    it.each([
      ["busy", "currently rate-limited"],
      ["bad", "It is bad. Give a good one."],
      ["boom", "boom"],
    ])("says why it failed: %s", async (words, why) => {
      const { stderr, code } = await plugin(
        ...["count_words", "--connection", right, "--input", text(words), ...program],
      );
      expect(code).toBe(1);
      expect(stderr).toContain(why);
    });

    it("tests its connection", async () => {
      const good = await plugin("count_words", "--connection", right, "--test", ...program);
      expect([good.code, JSON.parse(good.stdout)]).toEqual([0, { success: true }]);
      const bad = await plugin("count_words", "--connection", wrong, "--test", ...program);
      expect([bad.code, bad.stderr]).toEqual([1, expect.stringContaining("Invalid API key provided.")]);
    });

    it("gives the pages of a task, from where it was", async () => {
      const task = ["lines", "--connection", right, "--state", join(dir, "cursor")];
      const first = await plugin(...task, "--pages", "3", ...program);
      expect(first.stdout.trim().split("\n")).toEqual([1, 2, 3, 4, 5, 6].map((n) => `{"n":${n}}`));
      const second = await plugin(...task, "--pages", "1", ...program);
      expect(second.stdout.trim().split("\n")).toEqual([7, 8, 9].map((n) => `{"n":${n}}`));
    });

    it("sends the events of a trigger", async () => {
      const every = file("every.json", { every: 1 });
      const { stdout, code } = await plugin(
        ...["tick", "--connection", right, "--input", every, "--events", "3", "--timeout", "60", ...program],
      );
      expect([code, stdout.trim().split("\n")]).toEqual([0, [1, 2, 3].map((n) => `{"number":${n}}`)]);
    });

    it("does the same as a server", async () => {
      const port = await freePort();
      const env = { ...process.env, PYTHONPATH: folder };
      const args = ["bin/icon_sample_words", "http", "--port", String(port)];
      const server: ChildProcess = spawn(python!, args, { cwd: folder, env, stdio: "ignore" });
      const exited = once(server, "exit");
      try {
        const url = `http://127.0.0.1:${port}`;
        // Any answer will do: what it says of itself it reads from a folder that only its container has.
        await until("the server to be up", async () =>
          fetch(`${url}/api/v1/info`).then(
            () => true,
            () => false,
          ),
        );
        const there = ["--connection", right, "--url", url];
        const done = await plugin("count_words", "--input", text("one"), ...there);
        expect(JSON.parse(done.stdout)).toEqual({ words: [{ text: "one", count: 1 }], total: 1 });
        const failed = await plugin("count_words", "--input", text("bad"), ...there);
        expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("It is bad.")]);
        const lines = await plugin("lines", "--state", join(dir, "other"), ...there);
        expect(lines.stdout.trim().split("\n")).toHaveLength(3);
      } finally {
        server.kill("SIGTERM");
        await exited;
      }
    });
  },
);

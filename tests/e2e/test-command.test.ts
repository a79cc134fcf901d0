import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "@vedette/testkit";
import { afterAll, describe, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vedette-test-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const write = (path: string, text: string): void => {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

const pipeline = `pipeline:
  - dataTypes: [shop, other]
    steps:
      - grok:
          patterns:
            - { fieldName: action, pattern: "[a-z]+ " }
            - { fieldName: origin.user, pattern: ".*" }
`;

describe("vedette test", () => {
  it("writes expectations, passes, and shows by line and path what no longer holds", async () => {
    write("shop/pipeline.yaml", pipeline);
    write("shop/tests/orders/lines.log", "buys ana\nbuys ben\u001b[31m\n");
    const test = (...args: string[]) => run(["test", join(dir, "shop"), ...args]);

    const unwritten = await test();
    expect(unwritten.code).toBe(1);
    expect(unwritten.stdout).toContain("expected.ndjson is missing or empty. Write it with --update");

    const updated = await test("--update");
    expect(updated.stdout).toMatch(/ {2}2 lines, written anew\n1 passed, 0 failed\n$/);
    const expected = join(dir, "shop/tests/orders/expected.ndjson");
    expect(readFileSync(expected, "utf8").split("\n")[0]).toBe('{"action":"buys","origin":{"user":"ana"}}');
    expect(await test()).toMatchObject({ code: 0 });

    write("shop/pipeline.yaml", pipeline.replace("origin.user", "target.user"));
    const failed = await test();
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain(
      [
        "  line 1  buys ana",
        "    origin.user",
        '      expected  "ana"',
        "      found     nothing",
        "    target.user",
        "      expected  nothing",
        '      found     "ana"',
      ].join("\n"),
    );
    expect(failed.stdout).toMatch(/\n0 passed, 1 failed\n$/);
    // What a client wrote into a log must not reach the terminal as it is.
    expect(failed.stdout).not.toContain("\u001b");

    const json = await test("--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual([
      expect.objectContaining({
        passed: false,
        dataType: "shop",
        lines: 2,
        failures: [
          expect.objectContaining({
            line: 1,
            raw: "buys ana",
            differences: expect.arrayContaining([{ path: "origin.user", expected: '"ana"' }]) as unknown,
          }),
          expect.objectContaining({ line: 2 }),
        ],
      }),
    ]);
  });

  it("takes the data type and the time from case.yaml, a built-in pipeline where there is no other", async () => {
    write("auth/lines.log", "Dec 31 23:59:07 h sshd[1]: Invalid user a from 192.0.2.1 port 5\n");
    write("auth/case.yaml", "dataType: sshd\ntime: 2026-01-01T00:01:00Z\n");
    write("auth/expected.ndjson", '{"deviceTime":"2025-12-31T23:59:07Z"}\n{}\n');
    const { code, stdout } = await run(["test", join(dir, "auth")]);
    expect(code).toBe(1);
    expect(stdout).toContain('    eventType\n      expected  nothing\n      found     "auth.user.unknown"');
    expect(stdout).not.toContain("deviceTime");
    expect(stdout).toContain("  line 2  (no such line)");
  });

  it("fails a folder that cannot be run, with its reason, and refuses paths without tests", async () => {
    write("bad/one/lines.log", "a\n");
    write("bad/one/case.yaml", "dataTypes: x\n");
    write("bad/two/lines.log", "a\n");
    write("bad/two/case.yaml", "dataType: nowhere\n");
    const bad = await run(["test", join(dir, "bad")]);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain('Did you mean "dataType"?');
    expect(bad.stdout).toContain('No built-in pipeline is for the data type "nowhere".');
    expect(bad.stdout).toMatch(/\n0 passed, 2 failed\n$/);

    write("empty/readme.txt", "");
    for (const path of ["empty", "absent"]) {
      const { code, stderr } = await run(["test", join(dir, path)]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^vedette: (No test is at or below|There is no) "/);
    }
  });
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "@vedette/testkit";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vedette-rules-test-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const write = (path: string, text: string): void => {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};
const ruleFor = (user: string, level = "high"): string => `
title: ${user} tried
id: tried-${user}
level: ${level}
logsource: { product: linux, service: sshd }
detection: { who: { origin.user: ${user} }, condition: who }
`;
const attempt = (user: string, second: number): string =>
  `Jan 10 10:00:${second} web-1 sshd[812]: Failed password for ${user} from 203.0.113.9 port 4711 ssh2\n`;
const test = (...args: string[]) => run(["rules", "test", join(dir, "tests"), ...args]);

beforeEach(() => {
  rmSync(join(dir, "tests"), { recursive: true, force: true });
  write("rules/alice.yaml", ruleFor("alice"));
  write("rules/bob.yaml", ruleFor("bob"));
  write("tests/alice/detection.json", '{ "rule": "rules/alice.yaml", "dataType": "sshd" }');
  write("tests/alice/lines.log", attempt("bob", 10) + attempt("alice", 11));
  write("tests/alice/quiet.log", attempt("carol", 12));
});

describe("vedette rules test", () => {
  it("writes the alerts, passes, and shows by value what no longer holds", async () => {
    const unwritten = await test();
    expect(unwritten.code).toBe(1);
    expect(unwritten.stdout).toContain("expected.json is missing or empty. Write it with --update");

    expect((await test("--update")).stdout).toMatch(/3 events, 1 alert, written anew\n1 passed, 0 failed\n$/);
    const alerts = JSON.parse(readFileSync(join(dir, "tests/alice/expected.json"), "utf8"));
    expect(alerts).toMatchObject([{ ruleId: "tried-alice", severity: "high", events: ["line-2"] }]);
    expect(await test()).toMatchObject({ code: 0 });

    write("rules/alice.yaml", ruleFor("alice", "low"));
    const failed = await test();
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('tried-alice "alice tried"  raised otherwise than expected');
    expect(failed.stdout).toContain(`    line-2  ${attempt("alice", 11).trim()}`);
    expect(failed.stdout).toContain('    severity\n      expected  "high"\n      found     "low"\n');

    write("rules/alice.yaml", ruleFor("alyce"));
    const silent = JSON.parse((await test("--json")).stdout);
    expect(silent).toMatchObject([{ passed: false, alerts: 0, failures: [{ kind: "missing" }] }]);
  });

  it("fails where quiet lines raise something, and where other rules do that are not named", async () => {
    await test("--update");
    write("tests/alice/quiet.log", attempt("alice\u001b", 12) + attempt("alice", 13));
    const loud = await test();
    expect(loud).toMatchObject({ code: 1 });
    expect(loud.stdout).toContain('tried-alice "alice tried"  raised for what must stay quiet\n    line-2  ');

    write("tests/alice/quiet.log", attempt("carol", 12));
    const others = await test("--with", join(dir, "rules"));
    expect(others).toMatchObject({ code: 1 });
    expect(others.stdout).toContain("rule tried-bob  another rule found something");

    const also = { rule: "rules/alice.yaml", dataType: "sshd", also: { "tried-bob": "bob's line is there" } };
    write("tests/alice/detection.json", JSON.stringify(also));
    expect(await test("--with", join(dir, "rules"))).toMatchObject({ code: 0 });
    expect((await test()).stdout).toContain('rule tried-bob  named under "also", but it found nothing');
  });

  it("takes events as they are, and lines through a pipeline of its own", async () => {
    write("tests/alice/lines.log", "");
    const event = { dataType: "sshd", "@timestamp": "2026-01-10T10:00:11Z", origin: { user: "alice" } };
    write("tests/alice/events.ndjson", `${JSON.stringify(event)}\n`);
    expect((await test("--update", "--json")).stdout).toContain('"updated": true');
    expect(await test()).toMatchObject({ code: 0 });

    write("tests/alice/detection.json", '{ "rule": "rules/alice.yaml", "dataType": "own" }');
    write("tests/alice/quiet.log", "carol\n");
    expect((await test()).stdout).toContain('No pipeline reads the data type "own"');
  });

  it("says what is wrong with a folder, and goes on with the others", async () => {
    await test("--update");
    write("tests/bad/detection.json", '{ "rule": "rules/alice.yaml", "datatype": "sshd" }');
    write("tests/none/detection.json", '{ "rule": "rules/carol.yaml", "dataType": "sshd" }');
    const { code, stdout } = await test();
    expect(code).toBe(1);
    expect(stdout).toMatch(/detection\.json:1.*datatype/);
    expect(stdout).toContain('The file "rules/carol.yaml" is neither here nor in a folder above.');
    expect(stdout).toMatch(/1 passed, 2 failed\n$/);

    expect(await run(["rules", "test", join(dir, "rules")])).toMatchObject({ code: 2 });
    expect(await run(["rules", "test", join(dir, "nowhere")])).toMatchObject({ code: 2 });
  });
});

import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fleet, run, until } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vedette-reload-"));
const log = join(dir, "logs", "auth.log");
const rules = join(dir, "rules");
let fleet: Fleet;

const ruleFor = (user: string): string => `
title: ${user} tried
id: ${user}
level: high
logsource: { product: linux, service: sshd }
detection: { who: { origin.user: ${user} }, condition: who }
`;
let second = 10;
const attempt = (user: string): void =>
  appendFileSync(
    log,
    `Jan 10 10:00:${second++} web-1 sshd[812]: Failed password for ${user} from 203.0.113.9 port 4711 ssh2\n`,
  );

const key = join(dir, "pack.key");
const packsFolder = "packs";

beforeAll(async () => {
  const { stdout: trusted } = await run(["rules", "pack", "keygen", "--out", key]);
  for (const each of [join(dir, "logs"), rules]) mkdirSync(each, { recursive: true });
  writeFileSync(log, "");
  writeFileSync(join(rules, "alice.yaml"), ruleFor("alice"));
  fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType: "sshd", include: [log] }],
    agent: { batch: { seconds: 0.2 } },
    collector: {
      rules: ["rules"],
      builtinRules: false,
      packs: { folder: packsFolder, trusted: [{ key: trusted.trim(), packs: ["acme"] }] },
    },
  });
  fleet.start("collector");
  fleet.start("agent");
  await fleet.ready(150_000);
}, 160_000);

afterAll(async () => {
  await fleet.stop();
  rmSync(dir, { recursive: true, force: true });
});

const names = async (): Promise<string[]> =>
  (await fleet.get<{ items: { name: string }[] }>("/api/v1/alerts?from=-1h")).items.map(({ name }) => name);
const raised = (name: string) => until(name, async () => (await names()).includes(name));
const said = (text: string) => until(text, async () => fleet.log().includes(text));

describe("SIGHUP to a collector", () => {
  it("takes over new rules without a restart, and keeps the old ones where one is wrong", async () => {
    attempt("alice");
    await raised("alice tried");

    writeFileSync(join(rules, "bob.yaml"), ruleFor("bob"));
    fleet.process("collector")!.kill("SIGHUP");
    await said("The rules were read again.");
    attempt("bob");
    await raised("bob tried");

    writeFileSync(join(rules, "carol.yaml"), ruleFor("carol").replace("condition: who", "condition: whom"));
    fleet.process("collector")!.kill("SIGHUP");
    await said("The rules were not taken over");
    expect(fleet.log()).toContain("carol.yaml:6");
    attempt("bob");
    await until(
      "a second alert",
      async () => (await names()).filter((name) => name === "bob tried").length === 2,
    );
  });
});

describe("vedette rules reload", () => {
  it("tells what changed, and where a rule is wrong", async () => {
    const wrong = await run(["rules", "reload", "--url", fleet.url]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("carol.yaml:6")]);
    writeFileSync(join(rules, "carol.yaml"), ruleFor("carol"));
    rmSync(join(rules, "bob.yaml"));
    const right = await run(["reload", "--collector", "--url", fleet.url]);
    expect(right.stdout).toMatch(/^\+ carol {2}carol tried .*carol\.yaml:2\n- bob /);
    expect(right.stdout).toContain("2 rules of 2 files: 1 added, 0 changed, 1 removed; 1 file compiled anew");
  });
});

describe("vedette rules pack", () => {
  const source = join(dir, "acme");
  const built = (sequence: number): string => join(dir, `acme-${sequence}.vpack`);
  const pack = (...args: string[]) => run(["rules", "pack", ...args]);
  const make = async (sequence: number, user: string) => {
    writeFileSync(join(source, "pack.yaml"), `name: acme\nversion: 1.${sequence}.0\nsequence: ${sequence}\n`);
    writeFileSync(join(source, "rules", "acme.yaml"), ruleFor(user));
    return pack("build", source, "--key", key, "--out", built(sequence));
  };

  it("builds of a folder what its tests prove, and nothing else", async () => {
    const test = join(source, "tests", "dave");
    for (const each of [join(source, "rules"), test]) mkdirSync(each, { recursive: true });
    writeFileSync(join(test, "detection.json"), '{"rule": "rules/acme.yaml", "dataType": "sshd"}');
    writeFileSync(
      join(test, "lines.log"),
      "Jan 10 10:00:00 web-1 sshd[812]: Failed password for dave from 203.0.113.9 port 4711 ssh2\n",
    );
    writeFileSync(join(test, "expected.json"), "[]\n");
    const unproved = await make(1, "dave");
    expect([unproved.code, unproved.stderr]).toEqual([2, expect.stringContaining("1 of 1 tests failed")]);
    writeFileSync(join(source, "pack.yaml"), "name: acme\nversion: 1.1.0\nsequence: 1\n");
    expect((await run(["rules", "test", test, "--update"])).code).toBe(0);
    expect(await make(1, "dave")).toMatchObject({
      code: 0,
      stdout: `${built(1)}: acme 1.1.0, sequence 1, 1 rule, 1 test passed, signed\n`,
    });
  });

  it("runs in a collector after an install, and goes back only with a reason", async () => {
    const config = ["--config", join(dir, "vedette.yaml")];
    const installed = await pack("install", built(1), ...config, "--reload", "--url", fleet.url);
    expect(installed).toMatchObject({ code: 0, stdout: expect.stringContaining("+ dave  dave tried") });
    attempt("dave");
    await raised("dave tried");

    rmSync(join(source, "tests"), { recursive: true });
    expect((await make(2, "erin")).code).toBe(0);
    await pack("install", built(2), ...config);
    const back = await pack("install", built(1), ...config);
    expect([back.code, back.stderr]).toEqual([1, expect.stringContaining("sequence 1 is lower than 2")]);
    expect((await pack("list", ...config)).stdout).toMatch(/acme +1\.2\.0 +2 .* good\n/);
    const forced = await pack("install", built(1), ...config, "--rollback", "erin is no account of ours");
    expect(forced.stdout).toBe("rolled back: acme 1.1.0, sequence 1, 1 rule, before 1.2.0 (sequence 2)\n");

    // Somebody changes a file: the rules that run go on, and no reload takes it.
    appendFileSync(join(dir, packsFolder, "acme", "current", "rules", "acme.yaml"), "# changed\n");
    const reload = await run(["rules", "reload", "--url", fleet.url]);
    expect([reload.code, reload.stderr]).toEqual([
      2,
      expect.stringContaining('The pack "acme" cannot be used.'),
    ]);
    expect((await pack("remove", "acme", ...config)).stdout).toBe("removed: acme\n");
    expect((await run(["rules", "reload", "--url", fleet.url])).stdout).toContain("- dave  dave tried");
  });
});

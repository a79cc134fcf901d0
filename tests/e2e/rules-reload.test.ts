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

beforeAll(async () => {
  for (const each of [join(dir, "logs"), rules]) mkdirSync(each, { recursive: true });
  writeFileSync(log, "");
  writeFileSync(join(rules, "alice.yaml"), ruleFor("alice"));
  fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType: "sshd", include: [log] }],
    agent: { batch: { seconds: 0.2 } },
    collector: { rules: ["rules"], builtinRules: false },
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

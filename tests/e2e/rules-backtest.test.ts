import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fleet, run, until, vedette } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vedette-backtest-"));
const log = join(dir, "logs", "auth.log");
let fleet: Fleet;

const rules = `
title: Alice tried
id: alice
level: high
logsource: { product: linux, service: sshd }
detection: { who: { origin.user: alice }, condition: who }
---
title: Many failures of one address
id: many
level: medium
correlation:
  type: event_count
  rules: [failure]
  group-by: [origin.ip]
  timespan: 10m
  condition: { gte: 5 }
---
title: A failure
name: failure
id: failure
level: informational
logsource: { product: linux, service: sshd }
detection: { failed: { actionResult: failed }, condition: failed }
---
title: Nobody tried
id: nobody
level: low
logsource: { product: linux, service: sshd }
detection: { who: { origin.user: nobody }, condition: who }
`;
const line = (user: string, minute: number, ip: string): string =>
  `Jan 10 10:${String(minute).padStart(2, "0")}:00 web-1 sshd[812]: Failed password for ${user} from ${ip} port 4711 ssh2\n`;

/** Rules of the alerts that the collector itself raised. */
const live = async (): Promise<string[]> => {
  const { items } = await fleet.get<{ items: { ruleId: string }[] }>("/api/v1/alerts?from=-1h&limit=1000");
  return items.map(({ ruleId }) => ruleId).sort();
};

beforeAll(async () => {
  mkdirSync(join(dir, "logs"));
  writeFileSync(join(dir, "rules.yaml"), rules);
  writeFileSync(log, "");
  fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType: "sshd", include: [log] }],
    agent: { batch: { seconds: 0.2 } },
    collector: { builtinRules: false, rules: ["rules.yaml"] },
  });
  fleet.start("collector");
  fleet.start("agent");
  await fleet.ready(150_000);
  // Five within ten minutes of one address, seven within an hour of another: only the first are many.
  for (let minute = 0; minute < 5; minute++) appendFileSync(log, line("alice", minute, "203.0.113.9"));
  for (let minute = 0; minute < 60; minute += 9) appendFileSync(log, line("bob", minute, "203.0.113.10"));
  // More than a page of the API.
  appendFileSync(log, line("carol", 59, "").repeat(2_500).replaceAll("from  port", "from host-1 port"));
  await until("all events", async () => {
    const { events } = await fleet.get<{ events: { total: number } }>("/api/v1/stats");
    return events.total === 2_512 && (await live()).length === 6;
  });
}, 200_000);

afterAll(async () => {
  await fleet?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const backtest = (...more: string[]) =>
  run(["rules", "backtest", join(dir, "rules.yaml"), "--url", fleet.url, "--from", "-1h", ...more]);

describe("vedette rules backtest", () => {
  it("tells what a collector with these rules raised, on the time of the events, and raises nothing itself", async () => {
    const { code, stdout } = await backtest("--json", "--show", "2");
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ complete: true, events: 2_512, failed: [], surprises: [] });
    const found = Object.fromEntries(report.rules.map((rule: { id: string }) => [rule.id, rule]));
    expect(found.alice).toMatchObject({ matches: 5, alerts: 5, alertsPerDay: 5 });
    expect(found.alice.first).toMatch(/-01-10T10:00:00/);
    expect(found.alice.last).toMatch(/-01-10T10:04:00/);
    expect(found.alice.entities).toContainEqual({ field: "adversary.ip", value: "203.0.113.9", alerts: 5 });
    expect(found.alice.examples).toMatchObject([{ raw: line("alice", 0, "203.0.113.9").trim() }, {}]);
    expect(found.many).toMatchObject({ alerts: 1 });
    expect(found.nobody).toMatchObject({ matches: 0, alerts: 0 });
    expect(code).toBe(0);
    // What the collector raised itself, by the same rules; the backtest added none.
    expect(await live()).toEqual(["alice", "alice", "alice", "alice", "alice", "many"]);
  });

  it("holds rules to what is expected of them; what else fired is a possible false positive", async () => {
    const file = join(dir, "expect.yaml");
    writeFileSync(file, "rules: { alice: { exactly: 5 }, Many failures of one address: { atMost: 2 } }");
    expect(await backtest("--expect", file)).toMatchObject({ code: 0 });

    writeFileSync(file, "rules: { alice: { atLeast: 6 }, nobody: { exactly: 1 } }");
    const { code, stdout } = await backtest("--expect", file);
    expect(code).toBe(1);
    expect(stdout).toContain("not as expected: alice raised 5 alerts, expected at least 6\n");
    expect(stdout).toContain("not as expected: nobody raised 0 alerts, expected exactly 1\n");
    expect(stdout).toContain("possible false positive: many raised 1 alert, expected nothing\n");

    writeFileSync(file, "rules: { alise: { exactly: 5 } }");
    const wrong = await backtest("--expect", file);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('names the rule "alise", which raises no alerts here. Did you mean');
  });

  it("says what it cannot use", async () => {
    expect(await backtest("--from", "yesterday")).toMatchObject({ code: 2 });
    const away = await run(["rules", "backtest", join(dir, "rules.yaml"), "--url", "http://127.0.0.1:9"]);
    expect(away.code).toBe(1);
    expect(away.stderr).toContain("No collector answers at http://127.0.0.1:9.");
  });

  it("stops on SIGINT and tells what it has", async () => {
    const args = ["rules", "backtest", join(dir, "rules.yaml"), "--url", fleet.url, "--json"];
    fleet.process("collector")!.kill("SIGSTOP");
    const running = vedette(args);
    try {
      await until("it asks the collector", async () => running.stderr().includes("backtest: asks"));
      running.kill("SIGINT");
      await running.exited;
    } finally {
      fleet.process("collector")!.kill("SIGCONT");
    }
    expect(running.stderr()).toContain("backtest: stopped");
    expect(JSON.parse(running.stdout())).toMatchObject({ complete: false, events: 0 });
  });
});

import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fleet, failedPassword, pause, run, until } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vedette-alerting-"));
const logs = join(dir, "logs");
let fleet: Fleet;
let lines = 0;
/** The address whose attack nobody was told of while a silence lasted. */
let silenced = "";

type Row = Record<string, unknown>;
const items = async (path: string): Promise<Row[]> =>
  (await fleet.get<{ items: Row[] }>(`/api/v1${path}`)).items;

/** Enough for the rule that comes with sshd. */
const guess = (ip: string, times = 20): void => {
  for (let at = 0; at < times; at++)
    appendFileSync(join(logs, "auth.log"), failedPassword(ip, lines++, Date.now()));
};
const bruteForce = (ip: string, query = ""): Promise<Row[]> => items(`/alerts?entity=ip:${ip}${query}`);
const send = async (method: string, path: string, body?: object): Promise<Row> => {
  const response = await fetch(`${fleet.url}/api/v1${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Row;
  expect([response.ok, answer]).toEqual([true, expect.anything()]);
  return answer;
};

/** Four times what `guess` writes, within a window. What it counts raises nothing. */
const windows = `
title: Guessed password
name: guessed
logsource: { category: authentication }
vedette: { dataTypes: [sshd] }
detection: { failed: { actionResult: failed, origin.ip|exists: true }, condition: failed }
---
title: Eighty guesses
id: eighty
correlation: { type: event_count, rules: [guessed], group-by: [origin.ip], timespan: 1h, condition: { gte: 80 } }
`;
const ruleAlerts = (rule: string): Promise<Row[]> => items(`/alerts?rule=${rule}`);

beforeAll(async () => {
  mkdirSync(logs, { recursive: true });
  writeFileSync(join(logs, "auth.log"), "");
  writeFileSync(join(dir, "windows.yaml"), windows);
  fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType: "sshd", include: [join(logs, "auth.log")] }],
    agent: { batch: { seconds: 0.2 } },
    collector: { rules: [join(dir, "windows.yaml")] },
  });
  fleet.start("collector");
  fleet.start("agent");
  await fleet.ready();
});

afterAll(async () => {
  await fleet.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe("alerts from the line to the person", () => {
  it("come with ATT&CK and become an incident", async () => {
    guess("198.51.100.1");
    const [alert] = await until("the alert", async () => {
      const found = await bruteForce("198.51.100.1");
      return found.length > 0 ? found : undefined;
    });
    expect(alert).toMatchObject({
      attack: { techniques: [expect.objectContaining({ name: expect.any(String) })] },
    });
    const [incident] = await until("the incident", async () => {
      const found = await items("/incidents?entity=ip:198.51.100.1");
      return found.length > 0 ? found : undefined;
    });
    expect(incident).toMatchObject({ status: "open", title: expect.stringContaining("198.51.100.1") });
  });

  it("are worked on from the command line", async () => {
    const [alert] = await bruteForce("198.51.100.1");
    const id = String(alert!.id);
    const url = ["--url", fleet.url];
    expect((await run(["alerts", "list", ...url])).stdout).toMatch(new RegExp(`open +- +${id}`));
    expect(
      await run(["alerts", "ack", id, "--comment", "Looking", "--if-version", "0", ...url]),
    ).toMatchObject({
      ...{ code: 0, stdout: `${id}: acknowledged (version 1)\n` },
    });
    const stale = await run(["alerts", "assign", id, "anna", "--if-version", "0", ...url]);
    expect(stale).toMatchObject({ code: 1, stderr: expect.stringMatching(/409.*version 1 by now/) });
    expect((await run(["alerts", "assign", id, "anna", ...url])).code).toBe(0);
    expect((await run(["alerts", "close", id, ...url])).code).toBe(2);
    const closed = await run(["alerts", "close", id, "--as", "false-positive", "--json", ...url]);
    expect(JSON.parse(closed.stdout)).toMatchObject({
      status: "closed",
      verdict: "false_positive",
      version: 3,
    });
    const shown = (await run(["alerts", "show", id, ...url])).stdout;
    expect(shown).toMatch(/status +closed, false_positive/);
    expect(shown).toMatch(/status: open → acknowledged, "Looking"/);
    const scorecard = await run(["rules", "scorecard", "--days", "1", ...url]);
    expect(scorecard.stdout).toMatch(/keep +1 +0 +0 +1 /);
    const [incident] = await items("/incidents");
    const done = await run(["incidents", "close", String(incident!.id), "--as", "true-positive", ...url]);
    expect(done.stdout).toMatch(/true_positive \(version 1\)/);
  });

  it("are hidden by a silence within seconds, and the same attack is told once it is over", async () => {
    const matchers = [{ field: "adversary.ip", operator: "cidr", values: ["198.51.100.128/25"] }];
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const silence = await send("POST", "/silences", { matchers, comment: "A test of ours", endsAt });
    await pause(2_000);
    // The collector looks every second; on a busy machine the first attacks may come before it did.
    for (let last = 128; silenced === "" && last < 160; last++) {
      const ip = `198.51.100.${last}`;
      guess(ip);
      const isHidden = await until("the alert, hidden or not", async () => {
        if ((await bruteForce(ip, "&hidden=only")).length > 0) return "yes";
        return (await bruteForce(ip)).length > 0 && "no";
      });
      if (isHidden === "yes") silenced = ip;
    }
    expect(await bruteForce(silenced)).toEqual([]);
    await send("DELETE", `/silences/${String(silence.id)}`);
    // Though detection calls the same values repeats for seven days: what was hidden stood for nothing.
    await until(
      "the alert",
      async () => {
        guess(silenced, 1);
        return (await bruteForce(silenced)).length > 0;
      },
      { everyMs: 2_000 },
    );
    expect(await bruteForce(silenced)).toHaveLength(1);
  });

  it("keep what was done, and what hides them, over a crash", async () => {
    const matchers = [{ field: "adversary.ip", values: ["198.51.100.3"] }];
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    await send("POST", "/silences", { matchers, comment: "Still there", endsAt });
    for (let i = 0; i < 3; i++) guess("198.51.100.5");
    await until("the first guesses", async () => (await bruteForce("198.51.100.5")).length === 1);
    for (const ip of [silenced, "198.51.100.5"])
      await until(
        `the incident of ${ip}`,
        async () => (await items(`/incidents?entity=ip:${ip}`)).length === 1,
      );
    const before = await items("/incidents");
    expect(await ruleAlerts("eighty")).toEqual([]);
    await fleet.kill("collector");
    fleet.start("collector");
    await fleet.ready();
    expect((await items("/alerts?status=closed")).length).toBe(1);
    expect(await items("/incidents")).toEqual(before);
    guess("198.51.100.3");
    await until(
      "the hidden alert",
      async () => (await bruteForce("198.51.100.3", "&hidden=only")).length > 0,
    );
    // The story goes on in the incident that it began in.
    guess(silenced);
    guess("198.51.100.4");
    await until(
      "the next incident",
      async () => (await items("/incidents?entity=ip:198.51.100.4")).length === 1,
    );
    expect(await bruteForce(silenced)).toHaveLength(1);
    expect(await items(`/incidents?entity=ip:${silenced}`)).toHaveLength(1);
  });

  it("come of windows that began before the crash", async () => {
    guess("198.51.100.5");
    const [alert] = await until("the eightieth guess", async () => {
      const found = await ruleAlerts("eighty");
      return found.length > 0 ? found : undefined;
    });
    expect(alert).toMatchObject({ adversary: { ip: "198.51.100.5" } });
    expect(alert!.description).toBe("80 events of guessed within 1h for origin.ip = 198.51.100.5.");
  });
});

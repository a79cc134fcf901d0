import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectorConfig } from "@vedette/collector/config";
import { Telemetry } from "@vedette/core/telemetry";
import { type Alert, systemClock as clock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { noPostgres, Postgres, until } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Alerting } from "../../collector/src/alerting/index.ts";
import { alertingConfig } from "../../collector/src/config/index.ts";
import { controlTarget, openControlDatabase } from "../../collector/src/control/index.ts";
import { startEngine } from "../../collector/src/engine/index.ts";
import { openStore, type Store } from "../../collector/src/store/index.ts";

const missing = noPostgres();
const log = recordingLogger();

interface Member {
  readonly alerting: Alerting;
  readonly closed: string[];
  leave(): Promise<void>;
}

describe.skipIf(missing !== undefined)(`two collectors that share alerts ${missing ?? ""}`, () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-alerting-shared-"));
  const closing: (() => Promise<unknown>)[] = [];
  let server: Postgres;
  let store: Store;
  let one: Member;
  let two: Member;

  const joined = async (url: string): Promise<Member> => {
    const { control: config } = collectorConfig.parse({ control: { url, password: "secret" } });
    const database = await openControlDatabase(await controlTarget(config, dir, dir), log);
    const stopping = new AbortController();
    const inhibit = [
      {
        name: "down",
        source: [{ field: "rule", values: ["down"] }],
        target: [{ field: "rule", values: ["slow"] }],
      },
    ];
    const alerting = new Alerting({
      ...{ config: alertingConfig.parse({ inhibit }), database, store, telemetry: new Telemetry() },
      ...{ log, clock, signal: stopping.signal },
    });
    await alerting.open();
    const closed: string[] = [];
    alerting.start({ closeAlert: (id) => closed.push(id), release: () => undefined });
    const leave = async (): Promise<void> => {
      await alerting.stop();
      await database.destroy();
    };
    return { alerting, closed, leave };
  };

  beforeAll(async () => {
    server = await Postgres.start();
    closing.push(() => server.stop());
    const { url } = await server.database("vedette", "secret");
    const engine = await startEngine({ stateDir: dir, log });
    closing.push(() => engine.stop());
    store = await openStore(engine, { log, clock });
    closing.push(() => store.close());
    // Both bring the empty database up to date, or wait for the other.
    [one, two] = (await Promise.all([joined(url), joined(url)])) as [Member, Member];
  });
  afterAll(async () => {
    await two?.leave();
    for (const close of closing.reverse()) await close();
    rmSync(dir, { recursive: true, force: true });
  });

  let made = 0;
  const alert = (more: Partial<Alert> = {}): Alert => {
    const at = new Date().toISOString();
    return {
      ...{ id: `s-${made++}`, "@timestamp": at, lastUpdate: at, name: "N", ruleId: "1", tenantId: "t" },
      ...{ severity: "high", adversary: { ip: "203.0.113.7" }, ...more },
    };
  };
  const keep = ({ alerting }: Member, of: Alert): Promise<readonly Alert[]> => alerting.keep([of], of.id!);
  const incidentOf = async (id: string): Promise<string | undefined> => {
    const sql = "SELECT incidentId FROM incident_alerts FINAL WHERE alertId = {id:String}";
    return (await store.query<{ incidentId: string }>(sql, { id }))[0]?.incidentId;
  };

  it("see what the other one silences within seconds", async () => {
    const body = {
      matchers: [{ field: "rule", operator: "is" as const, values: ["quiet"] }],
      ...{ comment: "why", endsAt: new Date(Date.now() + 3_600_000).toISOString() },
    };
    const silence = await one.alerting.controls.create("silence", body, "anna");
    await until("the silence", async () => (await keep(two, alert({ ruleId: "quiet" }))).length === 0);
    await two.alerting.controls.end("silence", silence.id, "bob");
    await until("its end", async () => (await keep(one, alert({ ruleId: "quiet" }))).length === 1);
  });

  it("hear of each other's closed alerts, and of two changes to one version one is refused", async () => {
    const at = alert();
    await keep(one, at);
    const change = { version: 0, status: "closed", verdict: "true_positive" } as const;
    const ends = await Promise.allSettled(
      [one, two].flatMap((member) =>
        [1, 2, 3].map((n) => member.alerting.cases.change("alert", at.id!, change, `${n}`)),
      ),
    );
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const { closed } of [one, two]) await until("the news", () => closed.includes(at.id!));
    expect(one.closed.filter((id) => id === at.id)).toHaveLength(1);
  });

  it("count each other's alerts as the cause that hides", async () => {
    const down = alert({ ruleId: "down" });
    await keep(one, down);
    await until("the cause", async () => (await keep(two, alert({ ruleId: "slow" }))).length === 0);
  });

  it("make one incident of a story, also when the one that groups them leaves", async () => {
    const [first, second] = [
      alert({ adversary: { ip: "192.0.2.1" } }),
      alert({ adversary: { ip: "192.0.2.1" } }),
    ];
    await Promise.all([keep(one, first), keep(two, second)]);
    const ids = async () => [await incidentOf(first.id!), await incidentOf(second.id!)];
    await until("the incident", async () => (await ids()).every((id) => id !== undefined));
    expect(new Set(await ids()).size).toBe(1);
    await one.leave();
    const third = alert({ adversary: { ip: "192.0.2.1" } });
    await keep(two, third);
    await until("the third", async () => (await incidentOf(third.id!)) !== undefined);
    expect(await incidentOf(third.id!)).toBe((await ids())[0]);
  });
});

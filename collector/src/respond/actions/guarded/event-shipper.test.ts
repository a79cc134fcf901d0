import { decodeBatch } from "@vedette/core/batch";
import { Telemetry } from "@vedette/core/telemetry";
import { Outcome } from "@vedette/proto";
import type { Alert, Event } from "@vedette/sdk";
import { eventually, recordingLogger } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { actionDataType } from "../../of-actions.ts";
import { EventShipper } from "./event-shipper.ts";
import { managedRunner } from "./managed-runner.ts";
import { closeAll, reaches, rig } from "./testing/rig.ts";

afterEach(closeAll);

type Rig = Awaited<ReturnType<typeof rig>>;

/** A store that knows batches by their ids, as the intake does. */
class Store {
  readonly events: Event[] = [];
  readonly batches = new Set<string>();
  /** Stores, and dies before it can say so. */
  mute = false;
  outcome: Outcome = Outcome.STORED;

  readonly accept = async (agentId: string, frame: Buffer) => {
    const batch = decodeBatch(frame);
    const { batchId } = batch.header;
    expect(batch.header).toMatchObject({ agentId, dataType: actionDataType });
    const repeated = this.batches.has(batchId);
    if (!repeated && this.outcome === Outcome.STORED)
      for (let row = 0; row < batch.rows; row++) this.events.push(batch.event(row));
    this.batches.add(batchId);
    if (this.mute) throw new Error("It died.");
    return { batchId, outcome: repeated ? Outcome.DUPLICATE : this.outcome };
  };
}

const shipperOf = (
  { database, clock }: Rig,
  store: Store,
  { alone = true, telemetry = new Telemetry() } = {},
): EventShipper =>
  new EventShipper({
    ...{ database, clock, log: recordingLogger(), telemetry, alone, agentId: "actions@test" },
    ...{ accept: store.accept, everyMs: 5 },
  });

const alert: Alert = {
  ...{ id: "alert-1", name: "SSH brute force", ruleId: "ssh", severity: "high" },
  ...{ adversary: { ip: "198.41.0.4" }, tenantId: "t-1", tenantName: "Acme" },
  "@timestamp": new Date(Date.UTC(2026, 0, 1)).toISOString(),
};
const acting = {
  rules: [{ name: "ban-ssh", rules: ["ssh *"], action: "wall/security.ban" }],
  previewRules: false,
};

describe("events of actions", () => {
  it("tell of what was done, undone, refused, dry, failed and uncertain, in the common schema", async () => {
    const made = await rig({ ...acting, neverTouch: ["198.41.7.0/24"] });
    const { actions, ask, firewall } = made;
    await actions.alerted([alert]);
    const [standing] = await actions.ledger.list({ limit: 1 });
    await reaches(actions, standing!.id, "standing");
    await actions.lift(standing!.id, { by: "anna", id: "anna", person: true, reason: "A customer" });
    await reaches(actions, standing!.id, "lifted");
    await actions.run(ask("198.41.7.1"));
    await actions.run(ask("198.41.8.1", { dryRun: true }));
    firewall.failures.push(new Error("No answer."));
    const note = { action: "wall/note", target: { type: "user", value: "root" } } as const;
    const { run } = await actions.run(ask("", note));
    await reaches(actions, run.id, "uncertain");
    const store = new Store();
    await shipperOf(made, store).turn();
    const told = store.events.map(({ eventType, actionResult = "", tenantId, origin, target, action }) => [
      ...[eventType, actionResult, origin?.user, target?.ip ?? target?.user, action],
      tenantId === "t-1",
    ]);
    expect(told.sort((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
      ["action.dry_run", "", "anna", "198.41.8.1", "wall/security.ban", false],
      ["action.executed", "success", "rule ban-ssh", "198.41.0.4", "wall/security.ban", true],
      ["action.refused", "denied", "anna", "198.41.7.1", "wall/security.ban", false],
      ["action.uncertain", "", "anna", "root", "wall/note", false],
      ["action.undone", "success", "rule ban-ssh", "198.41.0.4", "wall/security.ban", true],
    ]);
    const executed = store.events.find(({ eventType }) => eventType === "action.executed");
    expect(executed).toMatchObject({ tenantName: "Acme", dataSource: "collector", severity: "medium" });
    expect(executed?.log).toMatchObject({ alert: "alert-1", alertRule: "ssh", rule: "ban-ssh" });
    const undone = store.events.find(({ eventType }) => eventType === "action.undone");
    expect(undone?.log).toMatchObject({ liftReason: "A customer" });
  });

  it("are stored once, whether the collector dies before or after the store has them", async () => {
    const made = await rig();
    const { actions, ask, database, clock } = made;
    for (const ip of ["198.41.0.1", "198.41.0.2"]) await actions.run(ask(ip, { dryRun: true }));
    const store = new Store();
    store.mute = true;
    const first = shipperOf(made, store);
    await expect(first.turn()).rejects.toThrow("It died.");
    const [waiting] = await database.selectFrom("action_events").selectAll().execute();
    expect(JSON.parse(waiting!.batch!)).toMatchObject({ agentId: "actions@test", sequence: 0 });
    // A later event must not slip into the batch that was named.
    clock.advance(1_000);
    await actions.run(ask("198.41.0.3", { dryRun: true }));
    store.mute = false;
    const other = shipperOf(made, store, { alone: false });
    await other.turn();
    // Another collector leaves alone what somebody is still at work on.
    expect(store.events).toHaveLength(3);
    expect(store.batches.size).toBe(2);
    clock.advance(60_000);
    await other.turn();
    expect(store.events).toHaveLength(3);
    expect(new Set(store.events.map(({ id }) => id)).size).toBe(3);
    expect(await database.selectFrom("action_events").selectAll().execute()).toEqual([]);
  });

  it("are sent at once by a collector that is alone, and counted where the store refuses them", async () => {
    const made = await rig();
    const store = new Store();
    store.mute = true;
    await made.actions.run(made.ask("198.41.0.1", { dryRun: true }));
    await expect(shipperOf(made, store).turn()).rejects.toThrow("It died.");
    store.mute = false;
    const { telemetry } = made;
    const next = shipperOf(made, store, { telemetry });
    next.start();
    await eventually("the batch to be gone", async () => {
      const left = await made.database.selectFrom("action_events").selectAll().execute();
      return left.length === 0;
    });
    store.outcome = Outcome.DEAD_LETTERED;
    await made.actions.run(made.ask("198.41.0.2", { dryRun: true }));
    const refused = 'vedette_action_events_total{outcome="refused"} 1';
    await eventually("the refusal to be counted", () => telemetry.render().includes(refused));
    await next.stop();
    expect(store.events).toHaveLength(1);
  });

  it("start no further actions, unless a rule asks for that", async () => {
    const made = await rig({
      ...acting,
      rules: [
        { ...acting.rules[0]!, rules: ["*"] },
        { ...acting.rules[0]!, name: "twice", rules: ["*"], onActions: true, action: "wall/note" },
      ],
    });
    const ofAction: Alert = { ...alert, id: "b", name: "Refused", lastEvent: { dataType: actionDataType } };
    await made.actions.alerted([ofAction]);
    const runs = await made.actions.ledger.list({ limit: 10 });
    expect(runs.map(({ actor }) => actor)).toEqual(["rule twice"]);
  });

  it("of workflows are of the tenant that the job was started for", async () => {
    const made = await rig({ approvals: { workflows: "auto" } });
    await managedRunner(made.actions).run({
      ...{ action: "wall/security.ban", job: "j1", key: "k1", input: {}, target: "198.41.0.9" },
      ...{ connection: undefined, reason: "Phishing (j1)", tenant: { id: "t-2", name: "Beta" } },
      signal: AbortSignal.timeout(60_000),
    });
    const store = new Store();
    await shipperOf(made, store).turn();
    expect(store.events).toMatchObject([{ eventType: "action.executed", tenantId: "t-2" }]);
    expect(store.events[0]!.log).toMatchObject({ job: "j1" });
  });
});

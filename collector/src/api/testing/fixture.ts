import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { type Batch, BatchBuilder, decodeBatch, encodeNative, uuidv7 } from "@vedette/core/batch";
import { Telemetry } from "@vedette/core/telemetry";
import { type Alert, type Clock, type Event, systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { Alerting } from "../../alerting/index.ts";
import { actionsConfig, alertingConfig } from "../../config/index.ts";
import { testConnections } from "../../connections/testing/index.ts";
import { type ApiKeys, apiKeys, openControlDatabase } from "../../control/index.ts";
import { startEngine } from "../../engine/index.ts";
import { alertRow } from "../../records/index.ts";
import { Actions } from "../../respond/index.ts";
import { openStore, type Store } from "../../store/index.ts";
import { createApi } from "../api.ts";
import type { ApiDeps, CollectorStatus } from "../deps.ts";
import { TailBus } from "../live/index.ts";

/** The API on the real engine, listening on loopback. */
export interface ApiFixture {
  readonly url: string;
  readonly store: Store;
  readonly keys: ApiKeys;
  readonly tail: TailBus;
  readonly alerting: Alerting;
  readonly log: ReturnType<typeof recordingLogger>;
  /** Stores events through batches, as the collector does, and shows them to live tails. */
  insert(events: readonly Event[]): Promise<void>;
  insertAlerts(alerts: readonly Alert[]): Promise<void>;
  get(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

interface FixtureOptions {
  readonly clock?: Clock;
  readonly pageDir?: string;
  readonly port?: number;
  /** Settings of the alert pipeline. */
  readonly alerting?: object;
  /** Settings of actions. */
  readonly actions?: object;
  readonly store?: (store: Store) => ApiDeps["store"];
  readonly rules?: ApiDeps["rules"];
  readonly packs?: ApiDeps["packs"];
}

/** Starts an engine, a store, a control database and the API in a directory of their own. */
export async function startApi(options: FixtureOptions = {}): Promise<ApiFixture> {
  const stateDir = await mkdtemp(join(tmpdir(), "vedette-api-"));
  const clock = options.clock ?? systemClock;
  const log = recordingLogger();
  const engine = await startEngine({ stateDir, log });
  const store = await openStore(engine, { log, clock });
  const control = await openControlDatabase({ kind: "sqlite", dir: join(stateDir, "control") });
  const keys = apiKeys(control, clock);
  const tail = new TailBus(clock);
  const stopping = new AbortController();
  const alerting = new Alerting({
    ...{ config: alertingConfig.parse(options.alerting ?? {}), database: control, store, log, clock },
    ...{ telemetry: new Telemetry(), signal: stopping.signal },
  });
  const actions = new Actions(actionsConfig.parse(options.actions ?? {}), {
    ...{ database: control, clock, log, telemetry: new Telemetry(), redact: (text) => text, alone: true },
  });
  actions.start();
  await alerting.open();
  alerting.start({ closeAlert: () => undefined, release: () => undefined });
  const app = createApi({
    store: options.store?.(store) ?? store,
    keys,
    connections: testConnections(control, { clock, log }),
    tail,
    clock,
    log,
    status: () => statusAt(clock.now()),
    unready: () => store.ping().then(() => undefined),
    metrics: () => "# HELP vedette_up Always one.\n# TYPE vedette_up gauge\nvedette_up 1\n",
    plugins: () => undefined,
    alerting: () => alerting,
    actions,
    ...(options.rules && { rules: options.rules }),
    ...(options.packs && { packs: options.packs }),
    loopback: true,
    ...(options.pageDir === undefined ? {} : { pageDir: options.pageDir }),
  });
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: options.port ?? 0 });
  await new Promise<void>((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    store,
    keys,
    tail,
    alerting,
    log,
    async insert(events) {
      for (const batch of batchesOf(events)) {
        await store.insertEvents(encodeNative(batch), batch.header.batchId);
        tail.publish(batch);
      }
    },
    insertAlerts: (alerts) =>
      store.insertRows(
        "alerts",
        alerts.map((each) => alertRow(each)),
        uuidv7(Date.now()),
      ),
    get: (path, init) => fetch(`${url}${path}`, init),
    async close() {
      if ("closeAllConnections" in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await alerting.stop();
      await actions.stop();
      await store.close();
      await engine.stop();
      await control.destroy();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

const statusAt = (now: number): CollectorStatus => ({
  version: "0.1.0",
  startedAt: new Date(now - 3_600_000).toISOString(),
  engine: { kind: "embedded", state: "running", restarts: 0 },
  agents: [
    {
      agentId: "agent-web-1",
      host: "web-1",
      version: "0.1.0",
      connected: true,
      lastSeen: new Date(now - 900).toISOString(),
      lastEventAt: new Date(now - 1_200).toISOString(),
      events: 41_210,
      clockSkewMs: 3,
    },
    {
      agentId: "agent-db-1",
      host: "db-1",
      version: "0.1.0",
      connected: false,
      lastSeen: new Date(now - 1_260_000).toISOString(),
      events: 9_804,
      clockSkewMs: -12,
    },
  ],
  databases: [{ name: "country", builtAt: new Date(now - 157 * 86_400_000).toISOString() }],
});

/** Events as sealed and opened batches, one run of events of the same data type each. */
export function batchesOf(events: readonly Event[]): Batch[] {
  const byType = Map.groupBy(events, (event) => event.dataType ?? "generic");
  return [...byType].flatMap(([dataType, group]) => {
    const batches: Batch[] = [];
    for (let at = 0; at < group.length; at += 10_000) {
      const builder = new BatchBuilder(dataType, { rows: 10_000, bytes: 64 << 20 });
      const slice = group.slice(at, at + 10_000);
      for (const [index, event] of slice.entries())
        builder.append(event, { source: "sample", offset: index, end: index + 1 });
      const stamp = { batchId: uuidv7(Date.now()), agentId: "agent-web-1", epoch: 1, sequence: at + 1 };
      batches.push(decodeBatch(builder.seal(stamp).frame));
    }
    return batches;
  });
}

import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { keepMemory } from "@vedette/core/batch";
import { isLoopback, parseAddress } from "@vedette/core/config";
import type { ServerCall } from "@vedette/core/grpc";
import type { Kafka } from "@vedette/core/kafka";
import { Isolation } from "@vedette/core/plugin-isolation";
import { Redactor, Telemetry } from "@vedette/core/telemetry";
import { attendMethod } from "@vedette/proto";
import { createEgress, type Deps, isVedetteError } from "@vedette/sdk";
import { Alerting } from "./alerting/index.ts";
import { type ApiDeps, TailBus } from "./api/index.ts";
import { openBackend } from "./backend.ts";
import { insist, waitBefore } from "./bounded/index.ts";
import { closingList } from "./closing-list.ts";
import type { CollectorConfig } from "./config/index.ts";
import { Connections, iconConnections } from "./connections/index.ts";
import { apiKeys, controlTarget, openControlDatabase, openSecretBox, watchedBox } from "./control/index.ts";
import { dependencies } from "./dependencies.ts";
import { detectorMetrics } from "./detect/index.ts";
import { raiseDue } from "./due-alerts.ts";
import { intelMetrics, openEnrichStage } from "./enrich/index.ts";
import { Fleet } from "./fleet/index.ts";
import { Agents, GroupFiles, Intake, KafkaIngest, serveGrpc } from "./ingest/index.ts";
import { kafkaOf, ledgerRefresh } from "./kafka.ts";
import { lateStore } from "./late-store.ts";
import { openNotifications, startNotifications } from "./notifications.ts";
import { openDetection } from "./open-detection.ts";
import { openRules } from "./open-rules.ts";
import { discoverPlugins, openPlugins, pluginMetrics } from "./plugin-host/index.ts";
import { plugins } from "./plugins.ts";
import { openTlsFiles, refusePlaintext, requireAddress } from "./ports.ts";
import { recentLog } from "./recent-log.ts";
import {
  AgentHub,
  agentBans,
  Blocklist,
  changedIncidents,
  EventShipper,
  Respond,
  runMessage,
  tellOfQuestions,
} from "./respond/index.ts";
import { Rollups } from "./rollups/index.ts";
import type { RuleChanges } from "./rule-book.ts";
import { serveApi } from "./serve.ts";
import { createSink } from "./sink.ts";
import { openSocketPlugins } from "./socket-plugins.ts";
import { lockState } from "./state-lock.ts";
import { type CollectorParts, collectorStatus } from "./status.ts";
import { tellingKeeper } from "./tell-alerts.ts";

export interface CollectorDeps extends Deps {
  /** Relative paths in the configuration start here. */
  readonly baseDir: string;
  readonly version: string;
  /** Opens Kafka in place of the client that the configuration names. */
  readonly openKafka?: () => Promise<Kafka>;
  /** Is told every secret that is opened or set; the log that is given should ask it. */
  readonly redactor?: Redactor;
}

export interface RunningCollector {
  /** Address of the page and the API. */
  readonly url: string;
  /** Where agents connect, `host:port`. */
  readonly ingestAddress: string;
  readonly telemetry: Telemetry;
  /**
   * Reads the rules of its configuration again and takes them over; tells what changed. Rejects, and leaves all as it was,
   * where one is wrong.
   */
  reloadRules(): Promise<RuleChanges>;
  /** Takes no more batches, finishes what it can, ends the engine. Safe to call twice. */
  stop(): Promise<void>;
}

/** Memory of batches that are stored, kept for the next ones while they come. */
const mostKeptMiB = 128;
const keptForMs = 60_000;

/**
 * Starts a collector: ingest → enrich → store → detect → alert, and the API that answers about it. Where its control database goes
 * away meanwhile, all that is there is closed again, and it starts anew when the database is back.
 */
export async function startCollector(
  config: CollectorConfig,
  given: CollectorDeps,
): Promise<RunningCollector> {
  const { signal, log } = given;
  for (let failures = 0; ; failures++) {
    try {
      return await startOnce(config, given);
    } catch (error) {
      if (signal.aborted || !isVedetteError(error) || error.code !== "control.unavailable") throw error;
      if (error.verdict.verdict !== "retry") throw error;
      const waitMs = waitBefore(failures, error);
      log.warn({ error, waitMs }, "The control database went away during the start, will start anew.");
      await setTimeout(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

async function startOnce(config: CollectorConfig, given: CollectorDeps): Promise<RunningCollector> {
  const { clock } = given;
  const log = recentLog(given.log, clock.now);
  const deps = { ...given, log };
  const ingestAt = parseAddress(config.ingest.listen);
  const httpAt = parseAddress(config.http.listen);
  refusePlaintext("ingest", ingestAt.host, config.ingest);
  refusePlaintext("http", httpAt.host, config.http);
  const ingestTls = openTlsFiles("ingest", config.ingest.tls, deps.baseDir);
  const httpTls = openTlsFiles("http", config.http.tls, deps.baseDir);
  const { key } = config.respond.agents;
  const hub = new AgentHub({ collectorId: hostname(), key }, log);
  const builtin = [...plugins, agentBans(hub)];
  const discovered = await discoverPlugins(config, deps.baseDir, builtin);
  const stateDir = resolve(deps.baseDir, config.stateDir);
  const egress = createEgress(config.egress);
  const { intel, book, packs } = await openRules(config, {
    ...deps,
    stateDir,
    egress,
    plugins: discovered.plugins,
  });
  const telemetry = new Telemetry();
  const { closing, stop } = closingList(log);
  try {
    closing.push(await lockState(stateDir));
    await requireAddress("collector.ingest.listen", ingestAt);
    const controlAt = await controlTarget(config.control, stateDir, deps.baseDir);
    const control = await insist(
      () => openControlDatabase(controlAt, log),
      deps.signal,
      (error, waitMs) =>
        log.warn({ error, waitMs }, "The control database cannot be opened yet, will retry."),
    );
    closing.push(() => control.destroy());
    const tail = new TailBus(clock);
    const agents = new Agents();
    const parts: CollectorParts = { agents, kind: config.store.url === undefined ? "embedded" : "server" };
    const redactor = deps.redactor ?? new Redactor();
    const secrets = watchedBox(openSecretBox(controlAt, process.env), (secret) => redactor.know(secret));
    const shared = { log, clock, signal: deps.signal, egress };
    const isolation = config.isolation && (await Isolation.open(config.isolation, { log, clock, telemetry }));
    closing.push(async () => isolation?.close());
    const iconPaths = [...config.iconPlugins, ...config.respond.plugins.map(({ path }) => path)];
    const icons = await iconConnections(iconPaths, deps.baseDir, { log, isolation });
    const present = () => parts.plugins?.host.list().map(({ plugin }) => plugin) ?? discovered.plugins;
    const connections = new Connections({
      ...shared,
      ...{ database: control, box: secrets, redactor, plugins: () => [...present(), ...icons] },
    });
    closing.push(() => connections.stop());
    const late = lateStore();
    const { channels, answers } = config.respond.questions;
    const respond = new Respond(config.respond, {
      ...{
        ...shared,
        baseDir: deps.baseDir,
        plugins: [...builtin, ...discovered.plugins],
        database: control,
        box: secrets,
      },
      ...{ redact: redactor.text, telemetry, alone: controlAt.kind === "sqlite", connections, icons },
      tell: tellOfQuestions({ ...config.notifications, channels, answers }),
      incidents: () => changedIncidents(late.store, clock),
      protect: dependencies(config, agents, clock),
    });
    closing.push(() => respond.stop());
    const notifications = openNotifications(config, {
      ...{
        ...shared,
        database: control,
        connections,
        redactor,
        telemetry,
        plugins: present,
        store: late.store,
      },
    });
    // First of all, so that health and the reason of a slow start can be asked for.
    const answered: ApiDeps = {
      store: late.store,
      keys: apiKeys(control, clock),
      connections,
      notifications,
      redact: redactor.text,
      tail,
      clock,
      log,
      status: collectorStatus(parts, clock, deps.version),
      plugins: () => parts.plugins,
      alerting: () => parts.alerting,
      respond,
      blocklist: new Blocklist(control, clock),
      actions: respond.actions,
      rules: book,
      packs,
      programs: () => parts.sockets?.status() ?? [],
      recentLog: () => log.recent(),
      unready: late.unready,
      pageDir: pageDir(),
      metrics: () => telemetry.render(),
      loopback: isLoopback(httpAt.host),
    };
    const api = await serveApi(httpAt, answered, httpTls && { files: httpTls, signal: deps.signal });
    closing.push(() => api.stop());

    const backend = await openBackend(config.store, stateDir, deps);
    closing.push(() => backend.close());
    parts.backend = backend;
    const { store } = backend;
    late.open(store);
    const alerting = new Alerting({
      ...{ config: config.alerting, database: control, store, telemetry, ...shared },
      keep: config.control.keep,
    });
    await alerting.open();
    parts.alerting = alerting;
    const found = await openPlugins(config, {
      ...{ ...deps, alerting, builtin, discovered, control, store, secrets, connections, egress },
      accept: (agentId, frame, signal) => intake.accept(agentId, frame, signal),
    });
    const { host } = found;
    parts.plugins = found;
    pluginMetrics(telemetry, () => host.list());
    const settings = Object.fromEntries(
      host.list().map(({ plugin, effective }) => [plugin.id, effective.values]),
    );
    const loaded = host.list().map(({ plugin }) => plugin);
    intelMetrics(telemetry, () => intel.status());
    await intel.load();
    intel.start();
    closing.push(() => intel.stop());
    await host.assets.refresh();
    const { links } = host.assets;
    const enrich = await openEnrichStage(loaded, settings, { ...deps, stateDir, intel, links, egress });
    host.onChange(({ plugin, effective }) => enrich.reopen(plugin, effective.values));
    closing.push(() => enrich.close());
    parts.enrich = enrich;
    const informedAt = clock.now();
    const { kafka } = config.ingest;
    const openKafka = kafka && (deps.openKafka ?? kafkaOf(kafka, deps));
    const telling = tellingKeeper({ alerting, respond, plugins: host, sockets: () => parts.sockets });
    const restored = await openDetection(config, {
      ...{ ...deps, store, rules: book.rules, telemetry, openKafka, alerting: telling },
    });
    closing.push(() => restored.stop());
    const { detection, ledger } = restored;
    book.runBy({
      reload: async (rules) => {
        const takeWorkflows = respond.prepareReload();
        await detection.reload(rules);
        takeWorkflows();
      },
    });
    alerting.start(detection);
    closing.push(() => alerting.stop());
    detectorMetrics(telemetry, () => detection.stats());

    const sockets = await openSocketPlugins(
      config,
      { stateDir, baseDir: deps.baseDir },
      { ...deps, isolation, telemetry },
    );
    if (sockets) {
      parts.sockets = sockets;
      closing.push(() => sockets.stop());
    }
    const shown = { enrich, detection, alerting, store, tail, plugins: host, sockets };
    closing.push(raiseDue(detection, telling, deps));
    const sink = createSink({ ...shown, respond, clock, signal: deps.signal });
    const { concurrency, window, memoryMiB } = config.ingest;
    const leave = keepMemory(Math.min(mostKeptMiB, memoryMiB) * 2 ** 20, keptForMs);
    closing.push(async () => leave());
    const { journal, left } = await GroupFiles.open(join(stateDir, "groups"));
    closing.push(() => journal.close());
    const shares = config.ingest.shareInserts ?? config.store.url === undefined;
    const noted = shares ? journal : undefined;
    const intake: Intake = new Intake({ ledger, sink, journal: noted, telemetry, log, clock, concurrency });
    await intake.restore(left, deps.signal);
    const options = { ...ingestAt, window, maxBytes: memoryMiB * 2 ** 20, collectorId: hostname() };
    const attend = { [attendMethod.path]: (call: ServerCall) => hub.accept(call) };
    const enrol = config.ingest.tls?.enrol;
    const fleetDeps = { ...deps, database: control, box: secrets, telemetry };
    const fleet = enrol && (await Fleet.open(fleetOptions(enrol, ingestAt.host), fleetDeps));
    const ingestDeps = { ...deps, telemetry, tls: fleet?.tls ?? ingestTls, fleet };
    const ingest = await serveGrpc(options, intake, agents, ingestDeps, attend);
    closing.push(() => {
      hub.stop();
      return ingest.stop();
    });
    const actionEvents = new EventShipper({
      ...{ database: control, clock, log, telemetry, alone: controlAt.kind === "sqlite" },
      agentId: `actions@${hostname()}`.slice(0, 200),
      accept: (agentId, frame, signal) => intake.accept(agentId, frame, signal),
    });
    closing.push(() => actionEvents.stop());
    // Before the intake that they emit into, which others may still use.
    closing.push(() => host.stop());
    if (kafka && openKafka) {
      const refresh = ledgerRefresh(store, ledger, informedAt, deps);
      const more = { open: openKafka, intake, agents, telemetry, refresh, maxBytes: options.maxBytes };
      parts.kafka = new KafkaIngest(kafka, { ...deps, ...more });
      closing.push(async () => parts.kafka?.stop());
    }
    respond.attach(() => host.list());
    // Before the plugins that calls are made to.
    closing.push(() => respond.actions.stop());
    respond.actions.onRun = (run) => host.tell("action", `${run.id}/${run.state}`, runMessage(run));
    host.watch(notifications);
    // Before the connections and the store, which it still needs.
    closing.push(() => notifications.stop());
    await startNotifications(notifications, store, deps);
    const keptDays = [config.store.retentionDays, ...config.store.retention.map(({ days }) => days)];
    const rollups = new Rollups({ log, clock, signal: deps.signal, store, keptDays });
    closing.push(() => rollups.stop());
    rollups.start();
    host.start();
    respond.start();
    actionEvents.start();
    late.ready();
    log.info({ url: api.url, ingestPort: ingest.port, rules: book.rules.length }, "The collector is ready.");
    return {
      url: api.url,
      ingestAddress: `${ingestAt.host}:${ingest.port}`,
      telemetry,
      reloadRules: () => book.reload(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a collector's certificate is for, and how long those of agents are good. */
const fleetOptions = (
  { names, certificateHours }: { readonly names: readonly string[]; readonly certificateHours: number },
  host: string,
) => ({
  names: ["0.0.0.0", "::"].includes(host) ? names : [...names, host],
  lifeMs: certificateHours * 3_600_000,
  collectorId: hostname(),
});

/** Where the page is built, beside the sources and in an installed package alike. */
const pageDir = (): string => fileURLToPath(new URL("../web/dist", import.meta.url));

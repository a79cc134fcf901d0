import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import type { Message } from "@vedette/proto/plugins";
import type { Alert, Deps, Event } from "@vedette/sdk";
import type { GrpcServer } from "../../grpc/index.ts";
import type { DynamicHost } from "../../pipeline/index.ts";
import type { Isolation } from "../isolation/index.ts";
import { AnalysisCalls } from "./analyze.ts";
import type { BuiltinTopic, SocketPluginsConfig } from "./config.ts";
import { serveEngine, type TakeLog } from "./engine.ts";
import { encodeAlert, encodeMessage } from "./event.ts";
import { findExecutables } from "./executables.ts";
import { methods, ofSocketName, type ServingKind } from "./kinds.ts";
import { reapOrphans } from "./orphans.ts";
import { Outbox } from "./outbox.ts";
import { ParsingCalls } from "./parse.ts";
import { Places } from "./places.ts";
import { type ClientDeps, PluginClient } from "./plugin-client.ts";
import { Processes } from "./processes.ts";
import { statusOf } from "./report.ts";
import type { PluginStatus } from "./status.ts";
import { namesIn, openWorkDir } from "./work-dir.ts";

/** Messages that say what a log is of. */
interface Subject {
  readonly dataType?: string | undefined;
  readonly dataSource?: string | undefined;
  readonly tenantId?: string | undefined;
}

const maxClients = 256;

/**
 * Runs plugins as processes of their own and speaks with them over sockets (docs/guide/socket-plugins.md). Open it, say who
 * takes logs, then `start` it.
 */
export class SocketHost {
  readonly #config: SocketPluginsConfig;
  readonly #deps: Deps;
  /** Work folders: that of all, or one for each program and that of all for those that run by themselves. */
  readonly #places: Places;
  readonly #processes: Processes;
  readonly #clients = new Map<string, PluginClient>();
  readonly #correlation: readonly Outbox[];
  readonly #notification: readonly Outbox[];
  readonly #analysis: AnalysisCalls | undefined;
  readonly #stop = new AbortController();
  #servers: readonly GrpcServer[] = [];
  #takeLog: TakeLog | undefined;
  #taker: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Calls parsing plugins. */
  readonly parsing: DynamicHost;
  /** Messages of plugins that were no messages. */
  malformed = 0;
  /** Where agents of the EventProcessor connect; 0 where none may. */
  integrationPort = 0;

  private constructor(config: SocketPluginsConfig, places: Places, deps: Deps) {
    const signal = AbortSignal.any([deps.signal, this.#stop.signal]);
    this.#config = config;
    this.#deps = { ...deps, signal };
    this.#places = places;
    this.#processes = new Processes(places.programs, (name) => places.of(name), config, this.#deps);
    this.parsing = new ParsingCalls((name) => this.#client(name, "parsing"));
    const { analysis = [], correlation = [], notification } = config.order;
    const outboxes = (
      names: readonly string[],
      kind: ServingKind,
      method: string,
      dropped: (why: string) => void,
    ) =>
      names.map(
        (name) =>
          new Outbox(this.#client(name, kind), {
            ...this.#deps,
            method,
            queue: config.queue,
            inFlight: Math.min(config.inFlight, 32),
            dropped,
          }),
      );
    this.#correlation = outboxes(correlation, "correlation", methods.correlate, (why) =>
      this.announce("correlation_dropped", {}, why),
    );
    this.#notification = outboxes(notification, "notification", methods.notify, () => undefined);
    const clients = analysis.map((name) => this.#client(name, "analysis"));
    this.#analysis =
      clients.length === 0
        ? undefined
        : new AnalysisCalls({
            clients,
            inFlight: config.inFlight,
            now: deps.clock.now,
            missed: (event, why) => this.announce("analysis_dropped", event, why),
          });
  }

  /**
   * Makes the work folder, ends what an earlier host left running, and opens the engine's socket. Starts nothing. Throws
   * `config.invalid`.
   */
  static async open(
    config: SocketPluginsConfig,
    where: { readonly stateDir: string; readonly baseDir: string },
    { isolation, ...deps }: Deps & { readonly isolation?: Isolation | undefined },
  ): Promise<SocketHost> {
    const root =
      config.workDir === undefined ? join(where.stateDir, "work") : resolve(where.baseDir, config.workDir);
    const dir = openWorkDir(resolve(root));
    reapOrphans(dir.run, deps.log);
    const folder = config.dir === undefined ? dir.plugins : resolve(where.baseDir, config.dir);
    const places = new Places(dir, findExecutables(folder), config, isolation);
    const host = new SocketHost(config, places, deps);
    const engine = {
      log: deps.log,
      take: (log: Parameters<TakeLog>[0], acknowledge: () => void) => host.#take(log, acknowledge),
      notify: (message: Message) => host.notify(message),
      malformed: () => {
        host.malformed++;
      },
    };
    const servers: GrpcServer[] = [];
    try {
      for (const { engineSocket, user } of places.all)
        servers.push(await serveEngine(engineSocket, engine, user));
      if (config.integration) {
        const { serveIntegration } = await import("./integration.ts");
        const integration = await serveIntegration(config.integration, { ...engine, ...deps, ...where });
        servers.push(integration);
        host.integrationPort = integration.port;
      }
    } catch (error) {
      for (const server of servers) await server.stop(0);
      throw error;
    }
    host.#servers = servers;
    return host;
  }

  /** Starts the plugins, one after the other. Call once. */
  start(): void {
    this.#processes.start();
  }

  /** Says who takes the logs of input plugins; until then they wait. */
  takeLogs(take: TakeLog | undefined): void {
    this.#takeLog = take;
    if (!take) this.#taker = Promise.withResolvers();
    else this.#taker.resolve();
  }

  /** True where there are analysis plugins. */
  get analyses(): boolean {
    return this.#analysis !== undefined;
  }

  /** What analysis plugins find in some events. Never rejects; a plugin that fails finds nothing. */
  async analyze(count: number, eventAt: (index: number) => Event): Promise<readonly Alert[]> {
    return (await this.#analysis?.analyze(count, eventAt)) ?? [];
  }

  /** Gives an alert to the correlation plugins, in their time. */
  correlate(alert: Alert): void {
    if (this.#correlation.length === 0) return;
    const bytes = encodeAlert(alert);
    for (const outbox of this.#correlation) outbox.add(bytes);
  }

  /** Gives a message to every notification plugin, in its time. */
  notify(message: Pick<Message, "id" | "timestamp" | "topic" | "message">): void {
    if (this.#notification.length === 0) return;
    const bytes = encodeMessage(message);
    for (const outbox of this.#notification) outbox.add(bytes);
  }

  /** True where somebody wants to know of a topic, so that it is worth telling. */
  announces(topic: BuiltinTopic): boolean {
    return this.#notification.length > 0 && this.#config.topics.includes(topic);
  }

  /** Tells of something that happened to a log. */
  announce(topic: BuiltinTopic, subject: Subject, error?: string): void {
    if (!this.announces(topic)) return;
    const { dataType = "", dataSource = "", tenantId } = subject;
    const body = {
      dataType,
      dataSource,
      ...(tenantId && { tenantId }),
      ...(error !== undefined && { error }),
    };
    const timestamp = new Date(this.#deps.clock.now()).toISOString();
    this.notify({ id: randomUUID(), timestamp, topic, message: JSON.stringify(body) });
  }

  /** Processes that run now, by the names of their programs. */
  get pids(): Readonly<Record<string, number | undefined>> {
    return Object.fromEntries(this.#processes.all.map(({ name, pid }) => [name, pid]));
  }

  /** Every plugin that runs, serves a socket or is asked for, in the order of names. */
  status(): PluginStatus[] {
    const { analysis = [], correlation = [], notification } = this.#config.order;
    return statusOf({
      processes: this.#processes,
      clients: [...this.#clients.values()],
      outboxes: [...this.#correlation, ...this.#notification],
      sockets: this.#sockets(),
      listed: { analysis, correlation, notification },
    });
  }

  /** Ends the plugins, then the sockets. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stop.abort();
    // First the plugins: an input plugin whose stream ends while it lives would never send again.
    await this.#processes.stopped();
    for (const client of this.#clients.values()) client.close();
    const servers = this.#servers;
    this.#servers = [];
    await Promise.all(servers.map((server) => server.stop(0)));
  }

  async #take(log: Parameters<TakeLog>[0], acknowledge: () => void): Promise<void> {
    while (!this.#takeLog) await this.#taker.promise;
    await this.#takeLog(log, acknowledge);
  }

  #client(name: string, kind: ServingKind): PluginClient {
    const key = `${kind} ${name}`;
    const known = this.#clients.get(key);
    if (known) return known;
    const { deadlineSeconds, inFlight, startSeconds } = this.#config;
    const deps: ClientDeps = {
      sockets: () => [...this.#processes.socketFolders(name), this.#places.shared.sockets],
      deadlineMs: deadlineSeconds * 1_000,
      inFlight,
      comingMs: (deadlineSeconds + startSeconds) * 1_000,
      log: this.#deps.log,
      isComing: (plugin) => this.#processes.isComing(plugin),
      hangs: (plugin, why) => this.#processes.kill(plugin, why),
    };
    const client = new PluginClient(name, kind, deps);
    if (this.#clients.size < maxClients) this.#clients.set(key, client);
    return client;
  }

  #sockets(): { readonly name: string; readonly kind: ServingKind }[] {
    return this.#places.all.flatMap(({ sockets }) =>
      namesIn(sockets).flatMap((file) => ofSocketName(file) ?? []),
    );
  }
}

import type { Batch } from "@vedette/core/batch";
import type { Telemetry } from "@vedette/core/telemetry";
import type { Alert, Deps } from "@vedette/sdk";
import { insist, pause } from "../bounded/index.ts";
import type { AlertingConfig } from "../config/index.ts";
import { type ControlDatabase, type ControlKeep, pruneControl } from "../control/index.ts";
import { alertsNow, type Store } from "../store/index.ts";
import { Cases } from "./cases.ts";
import { Chores } from "./chores.ts";
import { type ControlStore, controlStore } from "./control-store.ts";
import { Grouper, IncidentStore } from "./incidents/index.ts";
import { Inhibitions } from "./inhibitions.ts";
import { type AlertKeeper, alertKeeper } from "./keeper.ts";
import { Lease } from "./lease.ts";
import { Releases, type Rememberer } from "./releases.ts";
import { Screen } from "./screen.ts";
import { SourceListener, SourceWatch } from "./sources/index.ts";
import { Watch } from "./watch.ts";

interface Options extends Deps {
  readonly config: AlertingConfig;
  readonly database: ControlDatabase;
  readonly store: Store;
  readonly telemetry: Telemetry;
  /** How long the control database keeps what only grows; for ever where left out. */
  readonly keep?: ControlKeep;
}

const maxRestored = 20_000;
const othersEveryMs = 2_000;
/** Clocks differ, and inserts take their time. */
const othersBackMs = 15_000;

/** What happens to alerts between detection and people. One per collector; they meet in the control database and the store. */
export class Alerting implements AlertKeeper {
  readonly config: AlertingConfig;
  readonly database: ControlDatabase;
  readonly cases: Cases;
  readonly controls: ControlStore;
  readonly incidents: IncidentStore;
  readonly #store: Store;
  readonly #deps: Deps;
  readonly #keeper: AlertKeeper;
  readonly #inhibitions: Inhibitions;
  readonly #releases = new Releases();
  readonly #listener: SourceListener;
  readonly #watch: Watch;
  readonly #chores: Chores;
  readonly #stopping = new AbortController();
  #rememberer: Rememberer | undefined;
  #running: Promise<unknown> | undefined;

  constructor({ config, database, store, telemetry, keep, ...deps }: Options) {
    const { clock } = deps;
    this.config = config;
    this.database = database;
    this.#store = store;
    this.#deps = deps;
    this.cases = new Cases(database, store, clock);
    this.controls = controlStore(database, clock);
    this.incidents = new IncidentStore(store, clock);
    this.#inhibitions = new Inhibitions(config.inhibit);
    const screen = new Screen(this.#inhibitions);
    const onStored = (): void => this.#chores.nudge();
    this.#keeper = alertKeeper({ store, screen, releases: this.#releases, clock, telemetry, onStored });
    this.#listener = new SourceListener(config.silentSources.maxSources);
    const sources = config.silentSources.enabled
      ? new SourceWatch({
          ...{ database, listener: this.#listener, keeper: this, cases: this.cases },
          ...{ config: config.silentSources, clock },
        })
      : undefined;
    const onClosed = (id: string): void => this.#rememberer?.closeAlert(id);
    const shared = { controls: this.controls, cases: this.cases, inhibitions: this.#inhibitions };
    this.#watch = new Watch({ ...shared, screen, releases: this.#releases, onClosed }, deps);
    const grouper = new Grouper({ incidents: this.incidents, cases: this.cases, clock, config });
    const lease = new Lease(database, "alerting", clock);
    const prune = async (): Promise<number> => {
      if (!keep) return 0;
      const { audit, caseHistory } = await pruneControl(database, keep, clock.now());
      return audit + caseHistory;
    };
    this.#chores = new Chores({ lease, grouper, cases: this.cases, sources, prune }, deps);
  }

  keep(alerts: readonly Alert[], token: string, signal?: AbortSignal): Promise<readonly Alert[]> {
    return this.#keeper.keep(alerts, token, signal);
  }

  /** Notes which sources were heard. */
  hear(batches: readonly Batch[]): void {
    if (this.config.silentSources.enabled) this.#listener.hear(batches, this.#deps.clock.now());
  }

  /** Sees at once what is otherwise seen within a second: changes of what hides alerts, and closed ones. */
  heed(): Promise<void> {
    return this.#watch.look();
  }

  /** Sees what hides alerts, before the first one is judged. Insists until the signal aborts. */
  async open(): Promise<void> {
    const { signal, log } = this.#deps;
    const attempt = async (): Promise<void> => {
      await this.#watch.look();
      await this.#noteCauses(this.#deps.clock.now() - this.#inhibitions.windowMs);
    };
    await insist(attempt, signal, (error, waitMs) =>
      log.warn({ error, waitMs }, "What hides alerts could not be read, will retry."),
    );
  }

  /** Takes in stored alerts since a time, also those of other collectors: they may hide others. */
  async #noteCauses(since: number): Promise<void> {
    if (this.#inhibitions.windowMs === 0) return;
    const rows = await this.#store.query<{ at: string; document: string }>(
      `SELECT toUnixTimestamp64Milli(timestamp) AS at, document FROM ${alertsNow}
       WHERE storedAt >= fromUnixTimestamp64Milli({since:Int64}) AND status != 'closed'
       ORDER BY timestamp DESC LIMIT {most:UInt32}`,
      { since, most: maxRestored },
    );
    for (const { at, document } of rows) this.#inhibitions.note(JSON.parse(document) as Alert, Number(at));
  }

  /** Hears of what other collectors raised, as often as it matters. */
  async #hearOfOthers(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#inhibitions.windowMs > 0) {
      await pause(othersEveryMs, signal);
      if (signal.aborted) return;
      await this.#noteCauses(this.#deps.clock.now() - othersBackMs).catch((error: unknown) =>
        this.#deps.log.debug({ error }, "Alerts of other collectors cannot be looked at."),
      );
    }
  }

  /** From now on detection is told what is closed or hidden, and alerts are grouped. */
  start(rememberer: Rememberer): void {
    this.#rememberer = rememberer;
    this.#releases.tell(rememberer);
    const signal = AbortSignal.any([this.#deps.signal, this.#stopping.signal]);
    this.#running = Promise.all([
      this.#watch.run(signal),
      this.#chores.run(signal),
      this.#hearOfOthers(signal),
    ]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }
}

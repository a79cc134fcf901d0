import type { Clock } from "@vedette/sdk";
import type { AlertingConfig } from "../../config/index.ts";
import type { Cases } from "../cases.ts";
import { type IncidentStore, pageAlerts, type Ungrouped } from "./incident-store.ts";
import { IncidentMemory } from "./memory.ts";

interface Options {
  readonly incidents: IncidentStore;
  readonly cases: Pick<Cases, "closed">;
  readonly clock: Clock;
  readonly config: Pick<AlertingConfig, "incidents" | "risk">;
}

/** How long before a restart incidents may have alerts that they do not count yet. */
const unfinishedMs = 600_000;

/**
 * Groups stored alerts into incidents. Works from what is in the store: nothing is lost by a crash, for what has no incident
 * yet is found again, and incidents are written as they follow from their alerts.
 */
export class Grouper {
  readonly #options: Options;
  #memory: IncidentMemory | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** The next round reads back what there is: somebody else may have grouped meanwhile. */
  forget(): void {
    this.#memory = undefined;
  }

  /**
   * One page of alerts stored after a time (milliseconds since 1970), or of the last day. Gives the time up to which all were seen,
   * and whether there may be more.
   */
  async round(
    after: number | undefined,
  ): Promise<{ readonly seen: number | undefined; readonly more: boolean }> {
    const { incidents } = this.#options;
    this.#memory ??= await this.#rebuild();
    const alerts = await incidents.ungrouped(after);
    if (alerts.length === 0) return { seen: after, more: false };
    const of = await this.#assign(this.#memory, alerts);
    await incidents.assign(alerts, of);
    await incidents.derive([...new Set(of)]);
    const { threshold, halfLifeHours } = this.#options.config.risk;
    const entities = [...new Set(alerts.flatMap((alert) => alert.entities))];
    await incidents.raiseRisks(entities, { threshold, halfLifeMs: halfLifeHours * 3_600_000 });
    const more = alerts.length >= pageAlerts;
    // A page is in the order of raising: what is left of the last one may have been stored earlier.
    return { seen: more ? after : Math.max(after ?? 0, ...alerts.map(({ storedAt }) => storedAt)), more };
  }

  async #assign(memory: IncidentMemory, alerts: readonly Ungrouped[]): Promise<string[]> {
    const closed = new Set<string>();
    const candidates = memory.candidates(alerts);
    for (let at = 0; at < candidates.length; at += 1_000)
      for (const id of await this.#options.cases.closed("incident", candidates.slice(at, at + 1_000)))
        closed.add(id);
    return memory.assign(alerts, closed);
  }

  async #rebuild(): Promise<IncidentMemory> {
    const { incidents, clock, config } = this.#options;
    const windowMs = config.incidents.windowMinutes * 60_000;
    const memory = new IncidentMemory(windowMs);
    for (const { alert, incidentId } of await incidents.grouped(clock.now() - windowMs))
      memory.note(alert, incidentId);
    await incidents.derive(await incidents.touchedSince(clock.now() - unfinishedMs));
    return memory;
  }
}

import type { Rule } from "@vedette/collector";
import type { Alert } from "@vedette/sdk";
import { type VisibleAlert, visible } from "../test/index.ts";

/** Values of entities that are counted for one rule; further ones are counted together. */
const maxEntities = 10_000;
const maxTop = 5;

/** Who or what alerts are about. */
const entityPaths = ["adversary.ip", "adversary.user", "target.user", "target.host"] as const;

export interface Entity {
  readonly field: string;
  readonly value: string;
  readonly alerts: number;
}

export interface Example extends VisibleAlert {
  readonly time: string | undefined;
  /** The log line of the event that raised it. */
  readonly raw: string | undefined;
}

/** What one rule found. */
export interface RuleReport {
  readonly id: string;
  readonly name: string;
  /** Events for which its condition held; of a correlation, how often it held. */
  readonly matches: number;
  /** Alerts, repeats not counted. */
  readonly alerts: number;
  /** Of these, those that stand below an earlier one as parts of its group. */
  readonly grouped: number;
  readonly alertsPerDay: number;
  readonly first?: string;
  readonly last?: string;
  readonly entities: readonly Entity[];
  /** Alerts about entities that were beyond the bound of what is counted by name. */
  readonly entitiesNotCounted: number;
  readonly examples: readonly Example[];
}

/** Counts the alerts of one rule. Bounded, however many there are. */
export class Tally {
  readonly #show: number;
  readonly #entities = new Map<string, { readonly field: string; readonly value: string; alerts: number }>();
  readonly #examples: Example[] = [];
  #alerts = 0;
  #grouped = 0;
  #notCounted = 0;
  #first: string | undefined;
  #last: string | undefined;

  constructor(show: number) {
    this.#show = show;
  }

  take(alert: Alert): void {
    this.#alerts++;
    if (alert.parentId) this.#grouped++;
    const time = timeOf(alert);
    if (time !== undefined) {
      if (this.#first === undefined || time < this.#first) this.#first = time;
      if (this.#last === undefined || time > this.#last) this.#last = time;
    }
    for (const field of entityPaths) this.#entity(field, valueAt(alert, field));
    if (this.#examples.length < this.#show)
      this.#examples.push({ ...visible(alert), time, raw: alert.lastEvent?.raw });
  }

  #entity(field: string, value: string | undefined): void {
    if (value === undefined || value === "") return;
    const key = `${field} ${value}`;
    const known = this.#entities.get(key);
    if (known) known.alerts++;
    else if (this.#entities.size < maxEntities) this.#entities.set(key, { field, value, alerts: 1 });
    else this.#notCounted++;
  }

  report({ id, name }: Rule, matches: number, days: number): RuleReport {
    const entities = [...this.#entities.values()].sort((a, b) => b.alerts - a.alerts).slice(0, maxTop);
    return {
      ...{ id, name, matches, alerts: this.#alerts, grouped: this.#grouped },
      alertsPerDay: Math.round((this.#alerts / days) * 100) / 100,
      ...(this.#first === undefined ? {} : { first: this.#first }),
      ...(this.#last === undefined ? {} : { last: this.#last }),
      entities,
      entitiesNotCounted: this.#notCounted,
      examples: this.#examples,
    };
  }
}

/** When the event was that raised an alert: what its device says, else when it was read. */
const timeOf = ({ lastEvent }: Alert): string | undefined =>
  lastEvent?.deviceTime ?? lastEvent?.["@timestamp"];

function valueAt(alert: Alert, path: string): string | undefined {
  let node: unknown = alert;
  for (const key of path.split(".")) node = (node as Record<string, unknown> | undefined)?.[key];
  return typeof node === "string" ? node : undefined;
}

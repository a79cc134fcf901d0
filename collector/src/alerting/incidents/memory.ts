import { Lru } from "../../bounded/index.ts";
import { stableId } from "../../correlate/index.ts";

/** What grouping looks at of an alert. */
export interface Groupable {
  readonly id: string;
  readonly tenantId: string;
  /** Milliseconds since 1970. */
  readonly raisedAt: number;
  readonly parentId: string;
  readonly entities: readonly string[];
  /** Its events; the one that raised it is the last. */
  readonly eventIds: readonly string[];
}

/** Alerts of one incident; beyond them the story goes on in the next one. */
export const alertsPerIncident = 10_000;
const maxIncidents = 50_000;
const maxKeys = 200_000;
/** Events of an alert that are looked up: a chain of correlations leans on few. */
const maxEvents = 100;

interface Story {
  lastAt: number;
  alerts: number;
}

/**
 * Which incident an alert belongs to: that of the alert it goes under or grew out of, else that of its adversary if it had one
 * within the window, else a new one named after the alert. The same alerts in the same order give the same incidents.
 */
export class IncidentMemory {
  readonly #windowMs: number;
  readonly #stories = new Lru<string, Story>(maxIncidents);
  /** Incidents by what leads to them. */
  readonly #keys = new Lru<string, string>(maxKeys);

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** The incident that each alert belongs to. `closed` are incidents that take no more. */
  assign(alerts: readonly Groupable[], closed: ReadonlySet<string>): string[] {
    return alerts.map((alert) => {
      const found = this.#find(alert, closed) ?? stableId("incident", alert.id);
      this.note(alert, found);
      return found;
    });
  }

  /** The incidents that alerts could join. */
  candidates(alerts: readonly Groupable[]): string[] {
    const found = alerts.flatMap((alert) =>
      [...chainOf(alert), ...placesOf(alert)].map((key) => this.#keys.peek(key)),
    );
    return [...new Set(found.filter((id) => id !== undefined))];
  }

  /** Takes in that an alert belongs to an incident. */
  note(alert: Groupable, incidentId: string): void {
    const story = this.#stories.get(incidentId) ?? { lastAt: 0, alerts: 0 };
    story.lastAt = Math.max(story.lastAt, alert.raisedAt);
    story.alerts++;
    this.#stories.set(incidentId, story);
    for (const key of [...ownOf(alert), ...placesOf(alert)]) this.#keys.set(key, incidentId);
  }

  #find(alert: Groupable, closed: ReadonlySet<string>): string | undefined {
    const open = (key: string): string | undefined => {
      const id = this.#keys.get(key);
      const story = id === undefined ? undefined : this.#stories.get(id);
      return story === undefined || closed.has(id!) || story.alerts >= alertsPerIncident ? undefined : id;
    };
    for (const key of chainOf(alert)) {
      const id = open(key);
      if (id !== undefined) return id;
    }
    for (const key of placesOf(alert)) {
      const id = open(key);
      if (id !== undefined && Math.abs(alert.raisedAt - this.#stories.peek(id)!.lastAt) <= this.#windowMs)
        return id;
    }
    return undefined;
  }
}

/** What an alert grew out of. */
const chainOf = ({ parentId, eventIds }: Groupable): string[] => [
  ...(parentId === "" ? [] : [`alert:${parentId}`]),
  ...eventIds.slice(-maxEvents).map((id) => `event:${id}`),
];

/** What others can grow out of. */
const ownOf = ({ id, eventIds }: Groupable): string[] => {
  const last = eventIds.at(-1);
  return [`alert:${id}`, ...(last === undefined || last === "" ? [] : [`event:${last}`])];
};

const placesOf = ({ tenantId, entities }: Groupable): string[] =>
  entities.map((entity) => `${tenantId}/${entity}`);

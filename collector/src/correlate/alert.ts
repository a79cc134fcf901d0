import { hash } from "node:crypto";
import { type Alert, defaultTenant, type Event } from "@vedette/sdk";

/** What a rule puts into its alerts. */
export interface AlertTemplate {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly technique: string;
  readonly references: readonly string[];
  /** Tags such as `attack.t1059.001`. */
  readonly tags?: readonly string[];
  readonly falsePositives?: readonly string[];
  readonly adversary: "origin" | "target";
  readonly impact: {
    readonly confidentiality: number;
    readonly integrity: number;
    readonly availability: number;
  };
  /** In place of the one that the impact gives. */
  readonly severity?: string | undefined;
  readonly deduplicateBy: readonly string[];
  readonly groupBy: readonly string[];
}

const severities = ["info", "low", "medium", "high"] as const;

/** The severity of an impact: the highest of the three decides, none gives `info`. */
export const severityOf = (score: number): string => severities[Math.min(score, 3)]!;

/** A stable identifier made of its parts. */
export const stableId = (...parts: readonly string[]): string =>
  hash("sha256", JSON.stringify(parts)).slice(0, 32);

const filled = <T extends object>(object: T): T => {
  for (const key in object) {
    const value: unknown = object[key];
    const empty = value === undefined || value === "" || value === 0;
    if (empty || (Array.isArray(value) && value.length === 0)) delete object[key];
  }
  return object;
};

/** The identity of an alert and, where it goes under an earlier one, of that. */
export interface Identity {
  readonly id: string;
  readonly parentId?: string;
}

/** The alert of a rule for a triggering event; `history` are the events found before it, oldest first. */
export function makeAlert(
  { id, parentId }: Identity,
  rule: AlertTemplate,
  event: Event,
  history: readonly Event[],
  now: number,
): Alert {
  const { confidentiality, integrity, availability } = rule.impact;
  const impactScore = Math.max(confidentiality, integrity, availability);
  const time = new Date(now).toISOString();
  const other = rule.adversary === "origin" ? "target" : "origin";
  return filled({
    id,
    parentId,
    "@timestamp": time,
    lastUpdate: time,
    name: rule.name,
    ruleId: rule.id,
    tenantId: event.tenantId ?? defaultTenant.id,
    tenantName: event.tenantName ?? (event.tenantId ? undefined : defaultTenant.name),
    dataSource: event.dataSource,
    dataType: event.dataType,
    category: rule.category,
    technique: rule.technique,
    tags: [...(rule.tags ?? [])],
    description: rule.description,
    references: [...rule.references],
    impact: impactScore === 0 ? undefined : filled({ ...rule.impact }),
    impactScore,
    severity: rule.severity ?? severityOf(impactScore),
    status: "open",
    groupBy: [...rule.groupBy],
    deduplicateBy: [...rule.deduplicateBy],
    adversary: event[rule.adversary],
    target: event[other],
    events: [...history, event],
    lastEvent: event,
  });
}

/** Event time of an alert: when its triggering event happened, milliseconds since 1970. */
export function alertTime(alert: Alert): number {
  const time = Date.parse(alert.lastEvent?.["@timestamp"] ?? alert["@timestamp"] ?? "");
  return Number.isNaN(time) ? 0 : time;
}

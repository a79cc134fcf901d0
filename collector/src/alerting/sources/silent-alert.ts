import { type Alert, defaultTenant } from "@vedette/sdk";
import { stableId } from "../../correlate/index.ts";
import type { SourceName } from "./rhythm.ts";

/** The rule by which silences, exceptions and the scorecard know these alerts. */
const silentSourceRule = { id: "vedette-silent-source", name: "Source went silent" } as const;

/** The alert for a source that is not heard any more. Times in milliseconds since 1970; the same silence gives the same alert. */
export function silentAlert(
  { tenantId, dataType, dataSource }: SourceName,
  lastAt: number,
  now: number,
  limitMs: number,
): Alert {
  const time = new Date(now).toISOString();
  const last = new Date(lastAt).toISOString();
  return {
    // Of the default tenant as it was when sources had none, so that an upgrade tells nothing twice.
    id: stableId(
      silentSourceRule.id,
      ...(tenantId === defaultTenant.id ? [] : [tenantId]),
      ...[dataType, dataSource, String(lastAt)],
    ),
    ...{ "@timestamp": time, lastUpdate: time, name: silentSourceRule.name, ruleId: silentSourceRule.id },
    tenantId,
    tenantName: tenantId === defaultTenant.id ? defaultTenant.name : tenantId,
    ...{ dataType, dataSource },
    category: "Visibility",
    technique: "T1562 - Impair Defenses",
    description:
      `No "${dataType}" event of "${dataSource}" came since ${last}; it was expected within ${Math.round(limitMs / 60_000)} minutes. ` +
      "See whether the host, its agent and the program that logs are running, and whether somebody stopped one of them.",
    ...{ impact: { availability: 2 }, impactScore: 2, severity: "medium", status: "open" },
    target: { host: dataSource },
  };
}

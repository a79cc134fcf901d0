import { hash } from "node:crypto";
import { defaultTenant, type Event, type TargetType } from "@vedette/sdk";
import { actionDataType } from "../../of-actions.ts";
import type { Run } from "./types.ts";

interface Told {
  readonly eventType: string;
  readonly severity: "info" | "low" | "medium" | "high";
  /** Left out where nobody tried anything, or nobody knows. */
  readonly actionResult?: "success" | "failed" | "denied";
}

/** What an entry of the audit trail about a run is as an event. Steps on the way to an end are none. */
const toldOf: Readonly<Record<string, Told>> = {
  "action.executed": { eventType: "action.executed", severity: "medium", actionResult: "success" },
  "action.lifted": { eventType: "action.undone", severity: "info", actionResult: "success" },
  "action.refused": { eventType: "action.refused", severity: "low", actionResult: "denied" },
  "action.deny": { eventType: "action.denied", severity: "low", actionResult: "denied" },
  "action.timed_out": { eventType: "action.denied", severity: "low", actionResult: "denied" },
  "action.failed": { eventType: "action.failed", severity: "medium", actionResult: "failed" },
  "action.uncertain": { eventType: "action.uncertain", severity: "high" },
  "action.dry": { eventType: "action.dry_run", severity: "info" },
  "action.cancelled": { eventType: "action.cancelled", severity: "info" },
};

/**
 * The event that tells what became of a run, for an entry of the audit trail about it; undefined where the run only goes on. `at` in
 * milliseconds since 1970. The same entry is always the same event.
 */
export function actionEvent(run: Run, audited: string, author: string, at: number): Event | undefined {
  // Whoever lifts what was not begun ends it there and then.
  const entry = audited === "action.lift" && run.state === "cancelled" ? "action.cancelled" : audited;
  const told = Object.hasOwn(toldOf, entry) ? toldOf[entry]! : undefined;
  if (!told) return undefined;
  const { eventType, severity, actionResult } = told;
  const time = new Date(at).toISOString();
  const cause = JSON.parse(run.cause) as Record<string, string>;
  const id = hash("sha256", JSON.stringify(["action", run.id, eventType, at])).slice(0, 32);
  return {
    ...{ id, "@timestamp": time, deviceTime: time, dataType: actionDataType, dataSource: "collector" },
    tenantId: run.tenant_id ?? defaultTenant.id,
    tenantName: run.tenant_id === null ? defaultTenant.name : (run.tenant_name ?? ""),
    ...{ eventType, severity, action: run.action, ...(actionResult && { actionResult }) },
    origin: { user: run.actor },
    ...sideOf(run),
    log: {
      ...{ run: run.id, origin: run.origin, dryRun: Number(run.dry) === 1, by: author },
      ...{ reason: run.reason, outcome: run.outcome, targetType: run.target_type, target: run.target },
      ...cause,
      ...(run.expires_at === null ? {} : { expiresAt: new Date(Number(run.expires_at)).toISOString() }),
      ...(run.lift_reason === null ? {} : { liftReason: run.lift_reason }),
    },
    raw: `${eventType} ${run.action} on ${run.target_type} ${run.target} for ${run.actor}: ${run.outcome || run.reason}`,
  };
}

/** Where the common schema has the target. */
function sideOf({ target_type, target }: Run): Partial<Event> {
  const sides: Readonly<Record<TargetType, Partial<Event>>> = {
    ...{ ip: { target: { ip: target } }, cidr: { target: { cidr: target } } },
    ...{ host: { target: { host: target } }, user: { target: { user: target } } },
    ...{ domain: { target: { domain: target } }, hash: { target: { hash: target } } },
    asset: { assetId: target },
  };
  return sides[target_type as TargetType] ?? {};
}

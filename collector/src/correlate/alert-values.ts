import { type Doc, docOf } from "@vedette/core/pipeline";
import { type Alert, defaultTenant } from "@vedette/sdk";
import { type AlertTemplate, makeAlert } from "./alert.ts";
import { tenantMark } from "./tenant.ts";
import { termsOf } from "./terms.ts";

/** One text for the values of alert paths. Undefined where none has a value: nothing to compare is not the same. */
const joined = (values: readonly (readonly string[])[]): string | undefined =>
  values.some((each) => each.length > 0) ? JSON.stringify(values) : undefined;

/** The same of another tenant is something else. The default tenant's values stand alone, as where there is no other. */
const ofTenant = (values: string | undefined, tenant: unknown): string | undefined =>
  values === undefined ? values : `${values}${tenantMark(tenant)}`;

/** The values of a stored alert. */
export function valuesOfAlert(alert: Alert, paths: readonly string[]): string | undefined {
  const doc = docOf(alert);
  return ofTenant(joined(paths.map((path) => termsOf(doc.get(path)))), alert.tenantId);
}

/** The values that the alert of an event would have, so that repeats are known before an alert is made. */
export type ValuesOfEvent = (event: Doc) => string | undefined;

export function valuesOfEvent(rule: AlertTemplate, paths: readonly string[]): ValuesOfEvent {
  // What does not come from the event is the same in all alerts of the rule.
  const constant = docOf(makeAlert({ id: "" }, rule, {}, [], 0));
  const readers = paths.map((path): ((event: Doc) => readonly string[]) => {
    const place = eventPathOf(path, rule);
    const fallback = path === "tenantId" ? [defaultTenant.id] : [];
    if (place === undefined) {
      const values = termsOf(constant.get(path));
      return () => values;
    }
    return (event) => {
      const values = termsOf(event.get(place));
      return values.length > 0 ? values : fallback;
    };
  });
  return (event) => ofTenant(joined(readers.map((read) => read(event))), event.get("tenantId"));
}

/** The path in the triggering event where an alert of the rule has its value from; undefined where it is the rule's own. */
export function eventPathOf(path: string, rule: AlertTemplate): string | undefined {
  const [first, ...rest] = path.split(".");
  if (first === "adversary") return [rule.adversary, ...rest].join(".");
  if (first === "target") return [rule.adversary === "origin" ? "target" : "origin", ...rest].join(".");
  if (first === "lastEvent") return rest.join(".");
  return first === "dataSource" || first === "dataType" || first === "tenantId" ? path : undefined;
}

import type { Alert, Event, Finding } from "@vedette/sdk";
import { makeAlert, stableId } from "../correlate/index.ts";

/** The alert of a plugin's own code for an event. The same finding of the same event is the same alert. */
export function alertOf(plugin: string, finding: Finding, event: Event, now: number): Alert {
  const { name, description = "", category = "", technique = "", references = [] } = finding;
  const { confidentiality = 0, integrity = 0, availability = 0 } = finding.impact ?? {};
  const template = {
    ...{ id: `plugin:${plugin}`, name, description, category, technique, references },
    ...{ adversary: "origin" as const, impact: { confidentiality, integrity, availability } },
    ...{ severity: finding.severity, deduplicateBy: [], groupBy: [] },
  };
  const id = stableId("plugin", plugin, name, event.id ?? "");
  const { adversary, target } = finding;
  return {
    ...makeAlert({ id }, template, event, [], now),
    ...(adversary && { adversary }),
    ...(target && { target }),
  };
}

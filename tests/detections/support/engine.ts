import { loadRules, type Rule } from "@vedette/collector";
import type { Alert, Event } from "@vedette/sdk";
import { alertsOf as alertsOfRules } from "../../../cli/src/rules/test/index.ts";
import { allPlugins } from "../../conformance/support/plugin-list.ts";

/** Every rule file that a plugin brings, the template's too. */
export const ruleFiles: readonly URL[] = allPlugins.flatMap(({ plugin }) => [
  ...(plugin.analyze?.rules ?? []),
]);

/** All shipped rules, loaded once for all tests. */
export const shipped = loadRules(ruleFiles);

/** Path of a rule file from the root of the project. */
export const pathOf = (file: string | URL): string => String(file).replace(/^.*\/(plugins\/)/, "$1");

export const rulesIn = (files: string | readonly string[]): readonly Rule[] =>
  shipped.rules.filter(({ place }) => [files].flat().includes(pathOf(place.file)));

/** The alerts that all shipped rules raise for events. Throws where a rule failed. */
export const alertsOf = (events: readonly Event[]): Alert[] =>
  alertsOfRules(shipped.rules, events, "2026-01-31T00:00:00Z");

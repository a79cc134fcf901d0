import type { Source } from "@vedette/core/config";
import type { Report } from "../report.ts";
import type { Mappings } from "./mapping.ts";
import type { Node } from "./node.ts";
import type { Logsource, SigmaFilter } from "./schema.ts";
import { attempt, detectionOf } from "./section.ts";

/** What must hold besides for rules to match. */
export interface CompiledFilter {
  readonly source: Source;
  readonly logsource: Logsource;
  /** Ids or names of rules; undefined for all of the log source. */
  readonly rules: readonly string[] | undefined;
  readonly node: Node;
}

export function compileSigmaFilter(
  source: Source,
  { logsource, filter }: SigmaFilter,
  mappings: Mappings,
  report: Report,
): CompiledFilter | undefined {
  const { rules, ...detection } = filter;
  const fields = mappings.fields(logsource);
  const node = attempt(source, report, () => detectionOf(detection, ["filter"], fields));
  return node && { source, logsource, rules: rules === "any" ? undefined : rules, node };
}

/** Whether a filter is for a rule: it names it or none, and what it says of the log source is the rule's own. */
export function appliesTo(filter: CompiledFilter, logsource: Logsource, names: readonly string[]): boolean {
  if (filter.rules && !filter.rules.some((each) => names.includes(each))) return false;
  return (["product", "category", "service"] as const).every(
    (key) => filter.logsource[key] === undefined || filter.logsource[key] === logsource[key],
  );
}

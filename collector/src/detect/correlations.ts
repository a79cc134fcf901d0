import type { Source } from "@vedette/core/config";
import {
  type Correlation,
  circleIn,
  clustersOf,
  compileSigmaCorrelations,
  neededMs,
} from "../correlate/index.ts";
import { ruleOf } from "./correlation-rule.ts";
import { derivedId } from "./derived-id.ts";
import { digestOf } from "./digest.ts";
import type { Report } from "./report.ts";
import type { Rule } from "./rule.ts";

/**
 * The rules with the correlations of documents among them. What a correlation names raises no alert of its own, unless one of them
 * asks for it (`generate`). Faults go into the report.
 */
export function withCorrelations(
  rules: readonly Rule[],
  sources: readonly Source[],
  report: Report,
): readonly Rule[] {
  if (sources.length === 0) return rules;
  const compiled = compileSigmaCorrelations(sources, rules, derivedId, report);
  const ids = new Map(rules.map((rule) => [rule.id, rule.place]));
  const sound = compiled.filter(({ source, correlation: { template, place } }) => {
    const twin = ids.get(template.id);
    ids.set(template.id, place);
    if (!twin) return true;
    const message = `Two rules have the id "${template.id}"; the other is at ${twin.file}:${twin.line}.`;
    report.fault(source, ["id"], message, "Give each rule an id of its own.");
    return false;
  });
  const named = new Set<string>();
  const generated = new Set<string>();
  for (const { correlation, generates } of sound) {
    for (const { ref } of correlation.members) (generates ? generated : named).add(ref);
  }
  const silent = (id: string): boolean => named.has(id) && !generated.has(id);
  const others = rules.flatMap(({ correlation }) => correlation ?? []);
  const clusters = clustersOf(
    [...others, ...sound.map(({ correlation }) => correlation)].map(({ template, members }) => ({
      id: template.id,
      refs: members.flatMap(({ ref, isCorrelation }) => (isCorrelation ? [ref] : [])),
    })),
  );
  const placed = <T extends Omit<Correlation, "raises" | "cluster">>(correlation: T) => {
    const { id } = correlation.template;
    return { ...correlation, raises: !silent(id), cluster: clusters.get(id)! };
  };
  const correlations = sound.map(({ source, correlation, names }) =>
    ruleOf(placed(correlation), names, "sigma", digestOf(source.value)),
  );
  const circle = circleIn(correlations.flatMap(({ correlation }) => correlation ?? []));
  if (circle) {
    const names = [...circle, circle[0]!].map(({ template }) => `"${template.name}"`).join(" → ");
    const { source } = sound.find(({ correlation: { template } }) => template.id === circle[0]!.template.id)!;
    report.fault(source, ["correlation", "rules"], `Correlations look at each other in a circle: ${names}.`);
    return rules;
  }
  const own = rules.map((rule) => {
    if (rule.correlation) return ruleOf(placed(rule.correlation), rule.names, rule.language, rule.digest);
    return silent(rule.id) ? { ...rule, silent: true } : rule;
  });
  return [...own, ...correlations];
}

/** How far back correlations look, in milliseconds, by data type. One that looks at others looks back as far as all of them. */
export function correlationNeeds(rules: readonly Rule[]): Map<string, number> {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const needs = new Map<string, number>();
  const note = (id: string, ms: number): void => {
    const rule = byId.get(id);
    const correlation = rule?.correlation;
    if (correlation) for (const { ref } of correlation.members) note(ref, ms + neededMs(correlation));
    else for (const each of rule?.dataTypes ?? []) needs.set(each, Math.max(needs.get(each) ?? 0, ms));
  };
  for (const { id, correlation } of rules) if (correlation) note(id, 0);
  return needs;
}

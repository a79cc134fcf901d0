import type { Doc } from "@vedette/core/pipeline";
import { type Correlation, neededMs, type ValueAt, valueAt } from "../../correlate/index.ts";
import type { Rule } from "../rule.ts";
import { routeHash } from "./route-hash.ts";

/** A rule that a cluster of correlations looks at. */
export interface Watched {
  readonly cluster: string;
  readonly rule: string;
  /** What matches say to ask for it. */
  readonly name: string;
  /** Values of the event by which it is placed; none of them: all of the cluster is in one place. */
  readonly paths: readonly ValueAt[];
  /** How long after an event came windows may look at it, in milliseconds. */
  readonly neededMs: number;
}

/** A value that all groups of a cluster which look at each other have in common: where it is in the events of rules. */
interface Slot {
  readonly paths: ReadonlyMap<string, ValueAt>;
}

/** Where what correlations remember must meet: all groups that look at each other have the same values there. */
export class Places {
  readonly #byRule = new Map<string, Watched[]>();
  readonly #byName = new Map<string, Watched>();
  readonly #byCorrelation = new Map<string, readonly Watched[]>();

  constructor(rules: readonly Rule[]) {
    const clusters = new Map<string, Correlation[]>();
    for (const { correlation } of rules) {
      if (!correlation) continue;
      clusters.set(correlation.cluster, [...(clusters.get(correlation.cluster) ?? []), correlation]);
    }
    for (const [cluster, correlations] of clusters) this.#add(cluster, correlations);
  }

  #add(cluster: string, correlations: readonly Correlation[]): void {
    const slots = slotsOf(correlations);
    const needed = correlations.reduce((sum, each) => sum + neededMs(each), 0);
    const rules = new Set(
      correlations.flatMap(({ members }) =>
        members.flatMap((each) => (each.isCorrelation ? [] : [each.ref])),
      ),
    );
    const all: Watched[] = [];
    for (const rule of rules) {
      const paths = slots.map((slot) => slot.paths.get(rule)!);
      const watched = { cluster, rule, name: JSON.stringify([cluster, rule]), paths, neededMs: needed };
      all.push(watched);
      this.#byRule.set(rule, [...(this.#byRule.get(rule) ?? []), watched]);
      this.#byName.set(watched.name, watched);
    }
    for (const { template } of correlations) this.#byCorrelation.set(template.id, all);
  }

  /** The clusters that look at a rule. */
  ofRule(rule: string): readonly Watched[] {
    return this.#byRule.get(rule) ?? [];
  }

  /** What a match asks for; undefined where no correlation here does. */
  named(name: string): Watched | undefined {
    return this.#byName.get(name);
  }

  /** Where an event of a rule is to be taken in; undefined where it lacks a value. */
  route({ cluster, paths }: Watched, doc: Doc): number | undefined {
    if (paths.length === 0) return routeHash(`correlation ${cluster}`);
    const values: string[][] = [];
    for (const path of paths) {
      const value = valueAt(path, doc, []);
      if (value === undefined) return undefined;
      values.push([value]);
    }
    return routeHash(JSON.stringify(values));
  }

  /** Where an alert of a correlation may have been decided on, told by the event that triggered it. */
  ofAlert(correlation: string, lastEvent: Doc): readonly number[] {
    const watched = this.#byCorrelation.get(correlation) ?? [];
    return [...new Set(watched.flatMap((each) => this.route(each, lastEvent) ?? []))];
  }

  /** Clusters that are all in one place, because nothing is common to all that they are grouped by. */
  unshared(): string[] {
    const alone = [...this.#byName.values()].filter(({ paths }) => paths.length === 0);
    return [...new Set(alone.map(({ cluster }) => cluster))];
  }
}

/** All slots of a cluster, beginning with each group field of one of its correlations. */
function slotsOf(correlations: readonly Correlation[]): Slot[] {
  const first = correlations[0]!;
  return first.groupBy.flatMap((_, field) => slotFrom(correlations, first, field) ?? []);
}

/** Follows a group field to all that are linked; undefined where one of them has nothing of the kind. */
function slotFrom(correlations: readonly Correlation[], first: Correlation, field: number): Slot | undefined {
  const byId = new Map(correlations.map((each) => [each.template.id, each]));
  const fields = new Map([[first.template.id, field]]);
  const paths = new Map<string, ValueAt>();
  const waiting = [first];
  const assign = (correlation: Correlation, at: number): boolean => {
    const known = fields.get(correlation.template.id);
    if (known !== undefined) return known === at;
    fields.set(correlation.template.id, at);
    waiting.push(correlation);
    return true;
  };
  for (let each = waiting.pop(); each; each = waiting.pop()) {
    const own = fields.get(each.template.id)!;
    for (const { ref, isCorrelation, group } of each.members) {
      const at = group[own]!;
      const inner = isCorrelation ? byId.get(ref) : undefined;
      if (inner) {
        if (typeof at !== "number" || !assign(inner, at)) return undefined;
        continue;
      }
      const known = paths.get(ref);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(at)) return undefined;
      paths.set(ref, at);
    }
    for (const outer of correlations) {
      for (const { ref, group } of outer.members) {
        if (ref !== each.template.id) continue;
        const at = group.indexOf(own);
        if (at < 0 || !assign(outer, at)) return undefined;
      }
    }
  }
  return { paths };
}

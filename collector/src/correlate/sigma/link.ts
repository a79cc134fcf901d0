import type { Source } from "@vedette/core/config";
import { nearest } from "@vedette/core/config";
import type { Correlation } from "../windows/index.ts";

/** A rule that correlations may look at. */
export interface Referable {
  readonly id: string;
  /** What it may be called: its id, and names. */
  readonly names: readonly string[];
  /** Where the value of a field of the rule's language is, the first that has one; the path itself where left out. */
  readonly pathsOf?: ((field: string) => readonly string[]) | undefined;
  /** Where it is a correlation of another language. */
  readonly correlation?: { readonly groupBy: readonly string[] };
}

/** Takes what is wrong or doubtful in a document. */
export interface Faults {
  fault(source: Source, path: readonly PropertyKey[], message: string, suggestion?: string): void;
  doubt(source: Source, path: readonly PropertyKey[], message: string, suggestion?: string): void;
}

export interface Target {
  readonly id: string;
  readonly isCorrelation: boolean;
  readonly pathsOf: (field: string) => readonly string[];
}

/** What references may name: rules of any language and correlations. */
export class Names {
  readonly #targets = new Map<string, Target[]>();

  add(names: readonly string[], target: Target): void {
    for (const name of new Set(names)) this.#targets.set(name, [...(this.#targets.get(name) ?? []), target]);
  }

  /** What a name stands for, or why that cannot be told. */
  find(name: string): Target | { readonly message: string; readonly suggestion?: string } {
    const [first, ...others] = this.#targets.get(name) ?? [];
    if (first && others.length === 0) return first;
    if (first) {
      const ids = [first, ...others].map(({ id }) => id).join(", ");
      return { message: `Several rules are called "${name}": ${ids}.`, suggestion: "Name it by its id." };
    }
    const meant = nearest(name, [...this.#targets.keys()]);
    const message = `No rule or correlation has the id or name "${name}".`;
    return meant === undefined ? { message } : { message, suggestion: `Did you mean "${meant}"?` };
  }
}

/** Correlations that look at each other in a circle, as the names on the way; undefined where there are none. */
export function circleIn(correlations: readonly Correlation[]): readonly Correlation[] | undefined {
  const byId = new Map(correlations.map((each) => [each.template.id, each]));
  const done = new Set<Correlation>();
  const way: Correlation[] = [];
  const visit = (each: Correlation): readonly Correlation[] | undefined => {
    if (done.has(each)) return undefined;
    const before = way.indexOf(each);
    if (before >= 0) return way.slice(before);
    way.push(each);
    for (const { ref, isCorrelation } of each.members) {
      const next = isCorrelation ? byId.get(ref) : undefined;
      const circle = next && visit(next);
      if (circle) return circle;
    }
    way.pop();
    done.add(each);
    return undefined;
  };
  for (const each of correlations) {
    const circle = visit(each);
    if (circle) return circle;
  }
  return undefined;
}

/** Names the clusters of correlations that are linked by looking at each other: by id, the least id among them. */
export function clustersOf(
  links: readonly { readonly id: string; readonly refs: readonly string[] }[],
): Map<string, string> {
  const above = new Map(links.map(({ id }) => [id, id]));
  const top = (id: string): string => {
    const next = above.get(id)!;
    return next === id ? id : top(next);
  };
  for (const { id, refs } of links) {
    for (const ref of refs) {
      if (!above.has(ref)) continue;
      const [first, second] = [top(id), top(ref)].sort();
      above.set(second!, first!);
    }
  }
  return new Map(links.map(({ id }) => [id, top(id)]));
}

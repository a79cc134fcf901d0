import type { Doc } from "@vedette/core/pipeline";
import { eventField } from "@vedette/sdk";
import { branchesOf, type Search } from "../correlate/index.ts";
import type { Filter } from "./filter.ts";
import type { Rule } from "./rule.ts";

const any: Filter = { kind: "any" };

/**
 * What must hold of an event for any rule ever to find it in history, by the signature of the subscription it would be filed for; no
 * entry where that is all that its constants say. Where a search asks for events with the triggering event's own value of a
 * field, what a rule wants of that value it wants of theirs.
 */
export function askedOf(rules: Iterable<Rule>): ReadonlyMap<string, Filter> {
  const asked = new Map<string, Filter>();
  for (const { where, afterEvents } of rules) {
    for (const search of afterEvents.flatMap((each) => [...branchesOf(each)])) {
      const { signature } = search.spec;
      const own = wantedOf(where.filter, search);
      const before = asked.get(signature);
      asked.set(signature, before ? { kind: "or", parts: [before, own] } : own);
    }
  }
  for (const [signature, filter] of asked) if (isAny(filter)) asked.delete(signature);
  return asked;
}

const isAny = (filter: Filter): boolean =>
  filter.kind === "any" || (filter.kind === "or" && filter.parts.some(isAny));

/** The parts of a rule's condition that look only at a field which a search shares with the triggering event. */
function wantedOf(where: Filter, { keyPaths, spec }: Search): Filter {
  // Of other kinds of fields, values that count as equal need not be the same value.
  const shared = new Set(
    keyPaths.filter((path, at) => path === spec.keyFields[at] && eventField(path)?.kind === "text"),
  );
  const parts = (where.kind === "and" ? where.parts : [where]).filter((part) => {
    // That there is a value is asked in any case.
    if (part.kind === "leaf" && part.leaf.presence) return false;
    const paths = new Set(pathsOf(part));
    const [path] = paths;
    return path !== undefined && paths.size === 1 && shared.has(path);
  });
  return parts.length === 0 ? any : { kind: "and", parts };
}

/** The paths it looks at; an empty one where that is not known. */
function pathsOf(filter: Filter): string[] {
  if (filter.kind === "any") return [""];
  return filter.kind === "leaf" ? [filter.leaf.path] : filter.parts.flatMap(pathsOf);
}

/** Whether a filter lets an event pass. */
export function passes(filter: Filter, doc: Doc): boolean {
  switch (filter.kind) {
    case "any":
      return true;
    case "leaf":
      return filter.leaf.test(doc.get(filter.leaf.path));
    case "and":
      return filter.parts.every((part) => passes(part, doc));
    case "or":
      return filter.parts.some((part) => passes(part, doc));
  }
}

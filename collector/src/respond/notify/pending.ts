import { type Hits, higher } from "./window.ts";

/** What came of one kind and is not in the control database yet. */
export interface PendingGroup {
  hits: Omit<Hits, "count">;
  /** What must be counted once only: ids of alerts and incidents. */
  ids: string[];
  /** What has no such id, as events. */
  loose: number;
}

const mostGroups = 2_000;
const mostIds = 50_000;

/**
 * What rules matched and what is not in the control database yet, by rule and kind. Bounded: what comes when it is full is
 * counted by rule and goes into its digest as a number.
 */
export class Pending {
  #rules = new Map<string, { readonly groups: Map<string, PendingGroup>; overflow: number }>();
  #groups = 0;
  #ids = 0;

  get isEmpty(): boolean {
    return this.#rules.size === 0;
  }

  /** `make` is asked for the first of a kind only. An id is one that must be counted once. */
  add(
    rule: string,
    group: string,
    one: Pick<Hits, "severity" | "about"> & { readonly at: number; readonly id: string },
    make: () => Pick<Hits, "title" | "lines" | "link">,
  ): void {
    const of = this.#of(rule);
    const known = of.groups.get(group);
    if (this.#ids >= mostIds || (known === undefined && this.#groups >= mostGroups)) {
      of.overflow++;
      return;
    }
    const { at, id, severity, about } = one;
    const entry =
      known ??
      ({
        hits: { group, firstId: id, first: at, last: at, severity, about, ...make() },
        ...{ ids: [], loose: 0 },
      } satisfies PendingGroup);
    if (known === undefined) {
      of.groups.set(group, entry);
      this.#groups++;
    } else {
      const { hits } = known;
      const [first, last] = [Math.min(hits.first, at), Math.max(hits.last, at)];
      known.hits = { ...hits, first, last, severity: higher(hits.severity, severity) };
    }
    if (about === "event") entry.loose++;
    else {
      entry.ids.push(id);
      this.#ids++;
    }
  }

  /** Puts back what could not be written; what came since of the same kind joins it. */
  giveBack(rule: string, groups: readonly PendingGroup[], overflow: number): void {
    const of = this.#of(rule);
    of.overflow += overflow;
    for (const before of groups) {
      const { group, first } = before.hits;
      const since = of.groups.get(group);
      if (since) {
        const severity = higher(before.hits.severity, since.hits.severity);
        since.hits = { ...before.hits, first, severity, last: Math.max(before.hits.last, since.hits.last) };
        since.ids.push(...before.ids);
        since.loose += before.loose;
      } else {
        of.groups.set(group, before);
        this.#groups++;
      }
      this.#ids += before.ids.length;
    }
  }

  /** Everything, by rule; nothing is left. */
  take(): Map<string, { readonly groups: readonly PendingGroup[]; readonly overflow: number }> {
    const taken = new Map(
      [...this.#rules].map(([rule, { groups, overflow }]) => [
        rule,
        { groups: [...groups.values()], overflow },
      ]),
    );
    this.#rules = new Map();
    [this.#groups, this.#ids] = [0, 0];
    return taken;
  }

  #of(rule: string): { readonly groups: Map<string, PendingGroup>; overflow: number } {
    const known = this.#rules.get(rule);
    if (known) return known;
    const made = { groups: new Map<string, PendingGroup>(), overflow: 0 };
    this.#rules.set(rule, made);
    return made;
  }
}

import type { Doc } from "@vedette/core/pipeline";
import type { Event } from "@vedette/sdk";
import type { History } from "./history.ts";
import { bindSearch, type Search } from "./search.ts";
import { type Sighting, sampleSize } from "./series.ts";

/** What the history conditions of a rule came to. */
export type Verdict =
  /** `sample` makes the events found besides the triggering one, oldest first. */
  | { readonly kind: "held"; sample(): readonly Event[] }
  | { readonly kind: "not" }
  /** A placeholder had no value in the triggering event. */
  | { readonly kind: "unresolved"; readonly path: string };

const not = { kind: "not" } as const;

type Held = { readonly kind: "held"; readonly sample: readonly Sighting[] };

/**
 * All searches must hold; one holds when its hits reach its count, or when one of its branches holds.
 * A search whose placeholder has no value does not hold, and is reported when nothing else decides.
 */
export function checkHistory(
  searches: readonly Search[],
  history: History,
  doc: Doc,
  event: { readonly id: string; readonly time: number; readonly seq: number },
): Verdict {
  const sample = new Map<string, Sighting>();
  for (const search of searches) {
    const verdict = holds(search, history, doc, event);
    if (verdict.kind !== "held") return verdict;
    for (const sighting of verdict.sample) sample.set(sighting.ref.id, sighting);
  }
  return { kind: "held", sample: () => eventsOf([...sample.values()], event.id) };
}

function eventsOf(sightings: Sighting[], except: string): Event[] {
  const inOrder = sightings.sort((a, b) => a.time - b.time || a.seq - b.seq);
  // An alert found stands for its event, which may be there already.
  const events = new Map(inOrder.map(({ ref }) => ref.event()).map((found) => [found.id, found]));
  events.delete(except);
  return [...events.values()];
}

function holds(
  search: Search,
  history: History,
  doc: Doc,
  event: { readonly id: string; readonly time: number; readonly seq: number },
): Held | Exclude<Verdict, { kind: "held" }> {
  let failed: Exclude<Verdict, { kind: "held" }> = not;
  const bound = bindSearch(search, doc);
  if (typeof bound === "string") failed = { kind: "unresolved", path: bound };
  else if (history.mayHold(search, bound.key)) {
    const { hits, sample } = history.find(search, bound, event);
    if (hits >= search.count) {
      const others = sample.filter(({ ref }) => ref.id !== event.id);
      return { kind: "held", sample: others.slice(0, sampleSize) };
    }
  }
  for (const branch of search.or) {
    const verdict = holds(branch, history, doc, event);
    if (verdict.kind === "held") return verdict;
    if (verdict.kind === "unresolved") failed = verdict;
  }
  return failed;
}

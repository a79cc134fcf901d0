import type { Event } from "@vedette/sdk";
import type { Found, History, Seen, Sought } from "./history.ts";
import type { Search } from "./search.ts";
import { sampleSize } from "./series.ts";

/** What the history conditions of a rule came to. */
export type Verdict =
  /** `sample` makes the events found besides the triggering one, oldest first. Call it before history goes on. */
  | { readonly kind: "held"; sample(): readonly Event[] }
  | { readonly kind: "not" }
  /** A placeholder had no value in the triggering event. */
  | { readonly kind: "unresolved"; readonly path: string };

const not = { kind: "not" } as const;

type Held = { readonly kind: "held"; readonly found: Found };

/**
 * All searches must hold; one holds when its hits reach its count, or when one of its branches holds.
 * A search whose placeholder has no value does not hold, and is reported when nothing else decides.
 */
export function checkHistory(
  searches: readonly Search[],
  history: History,
  event: Sought & { readonly id: string },
): Verdict {
  const found: Found[] = [];
  for (const search of searches) {
    const verdict = holds(search, history, event);
    if (verdict.kind !== "held") return verdict;
    found.push(verdict.found);
  }
  // Made when an alert comes of it: most of what holds repeats an alert that there is.
  return { kind: "held", sample: () => eventsOf(found, event.id) };
}

function eventsOf(found: readonly Found[], except: string): Event[] {
  const seen = new Map<string, Seen>();
  for (const { sample } of found) {
    const others = sample().filter(({ id }) => id !== except);
    for (const each of others.slice(0, sampleSize)) seen.set(each.id, each);
  }
  const inOrder = [...seen.values()].sort((a, b) => a.time - b.time || a.seq - b.seq);
  // An alert found stands for its event, which may be there already.
  const events = new Map(inOrder.map((each) => each.event()).map((event) => [event.id, event]));
  events.delete(except);
  return [...events.values()];
}

function holds(search: Search, history: History, event: Sought): Held | Exclude<Verdict, { kind: "held" }> {
  let failed: Exclude<Verdict, { kind: "held" }> = not;
  const found = history.find(search, event, search.count);
  if (typeof found === "string") failed = { kind: "unresolved", path: found };
  else if (found.hits >= search.count) return { kind: "held", found };
  for (const branch of search.or) {
    const verdict = holds(branch, history, event);
    if (verdict.kind === "held") return verdict;
    if (verdict.kind === "unresolved") failed = verdict;
  }
  return failed;
}

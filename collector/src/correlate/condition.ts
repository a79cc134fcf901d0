import type { Event } from "@vedette/sdk";
import { Found, type History, type Seen, type Sought } from "./history.ts";
import type { Search } from "./search.ts";
import { sampleSize } from "./series.ts";

/** What the history conditions of a rule came to. */
export type Verdict =
  | Held
  | { readonly kind: "not" }
  /** A placeholder had no value in the triggering event. */
  | { readonly kind: "unresolved"; readonly path: string };

/** All searches hold. What they found is made when an alert comes of it: most of what holds repeats an alert that there is. */
export class Held {
  readonly kind = "held";
  readonly #found: readonly Found[];
  readonly #event: { readonly id: string };

  constructor(found: readonly Found[], event: { readonly id: string }) {
    this.#found = found;
    this.#event = event;
  }

  /** The events found besides the triggering one, oldest first. Call it before history goes on. */
  sample(): readonly Event[] {
    return eventsOf(this.#found, this.#event.id);
  }
}

const not = { kind: "not" } as const;

/**
 * All searches must hold; one holds when its hits reach its count, or when one of its branches holds.
 * A search whose placeholder has no value does not hold, and is reported when nothing else decides.
 */
export function checkHistory(
  searches: readonly Search[],
  history: History,
  event: Sought & { readonly id: string },
): Verdict {
  let found: Found[] | undefined;
  for (let at = 0; at < searches.length; at++) {
    const verdict = holds(searches[at]!, history, event);
    if (!(verdict instanceof Found)) return verdict;
    if (found) found.push(verdict);
    else found = [verdict];
  }
  return new Held(found ?? [], event);
}

function eventsOf(found: readonly Found[], except: string): Event[] {
  const seen = new Map<string, Seen>();
  for (const each of found) {
    const others = each.sample().filter(({ id }) => id !== except);
    for (const each of others.slice(0, sampleSize)) seen.set(each.id, each);
  }
  const inOrder = [...seen.values()].sort((a, b) => a.time - b.time || a.seq - b.seq);
  // An alert found stands for its event, which may be there already.
  const events = new Map(inOrder.map((each) => each.event()).map((event) => [event.id, event]));
  events.delete(except);
  return [...events.values()];
}

function holds(search: Search, history: History, event: Sought): Found | Exclude<Verdict, Held> {
  let failed: Exclude<Verdict, Held> = not;
  const found = history.find(search, event, search.count);
  if (typeof found === "string") failed = { kind: "unresolved", path: found };
  else if (found.hits >= search.count) return found;
  const { or } = search;
  for (let at = 0; at < or.length; at++) {
    const verdict = holds(or[at]!, history, event);
    if (verdict instanceof Found) return verdict;
    if (verdict.kind === "unresolved") failed = verdict;
  }
  return failed;
}

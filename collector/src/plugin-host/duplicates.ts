import type { DuplicateRule, Event } from "@vedette/sdk";
import { type KnownEvents, type LikeAsk, timeOf } from "./known-events.ts";
import { matchesType } from "./wildcard.ts";

/**
 * The events that repeat no other by a rule of their plugin: neither one of the store, which is asked once for each rule and some
 * hundred events, nor one before them in the list. What an event of the list lacks of a rule's `backfill` it gets from those that
 * repeat it; stored events stay as they are. An event that lacks one of a rule's values repeats nothing by it.
 */
export async function withoutRepeats(
  events: readonly Event[],
  rules: readonly DuplicateRule[],
  known: Pick<KnownEvents, "like">,
  signal: AbortSignal,
): Promise<Event[]> {
  if (rules.length === 0) return [...events];
  const keyed = rules.map((rule) => events.map((event) => keyOf(event, rule)));
  const stored = new Set<number>();
  for (const [at, { same, withinSeconds }] of rules.entries()) {
    const asks = events.flatMap((event, index): LikeAsk[] => {
      const values = keyed[at]?.[index];
      if (values === undefined || stored.has(index)) return [];
      return [{ index, dataType: event.dataType ?? "", time: timeOf(event), values }];
    });
    for (const index of await known.like(same, withinSeconds * 1_000, asks, signal)) stored.add(index);
  }
  const fresh: Event[] = [];
  const before = rules.map(() => new Map<string, Event[]>());
  for (const [index, event] of events.entries()) {
    if (stored.has(index)) continue;
    const keys = keyed.map((each) => each[index]?.join("\n"));
    if (isRepeat(event, rules, keys, before)) continue;
    fresh.push(event);
    for (const [at, key] of keys.entries()) {
      if (key === undefined) continue;
      const same = before[at]!.get(key);
      if (same) same.push(event);
      else before[at]!.set(key, [event]);
    }
  }
  return fresh;
}

function isRepeat(
  event: Event,
  rules: readonly DuplicateRule[],
  keys: readonly (string | undefined)[],
  before: readonly ReadonlyMap<string, readonly Event[]>[],
): boolean {
  for (const [at, { withinSeconds, backfill = [] }] of rules.entries()) {
    const twin = before[at]!.get(keys[at] ?? "")?.find(
      (other) => Math.abs(timeOf(other) - timeOf(event)) <= withinSeconds * 1_000,
    );
    if (!twin || keys[at] === undefined) continue;
    for (const path of backfill) fill(twin, event, path.split("."));
    return true;
  }
  return false;
}

function keyOf(event: Event, { same, eventTypes }: DuplicateRule): readonly string[] | undefined {
  if (!matchesType(eventTypes, event.eventType ?? "")) return undefined;
  const values = same.map((path) => valueAt(event, path));
  return values.includes("") ? undefined : values;
}

/** A scalar at a dotted path as text; "" where there is none. */
export function valueAt(event: Event, path: string): string {
  const value = valueIn(event, path.split("."));
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : "";
}

/** Gives an event what another has at a path and it has not. */
function fill(target: object, source: object, [step = "", ...rest]: readonly string[]): void {
  const [mine, theirs] = [own(target, step), own(source, step)];
  if (theirs === undefined || theirs === "") return;
  if (rest.length > 0 && typeof mine === "object" && mine !== null) {
    if (typeof theirs === "object" && theirs !== null) fill(mine, theirs, rest);
    return;
  }
  if (mine !== undefined && mine !== "") return;
  const put = (value: unknown): unknown =>
    Object.defineProperty(target, step, { value, enumerable: true, writable: true, configurable: true });
  if (rest.length === 0) put(theirs);
  else if (typeof theirs === "object" && theirs !== null && valueIn(theirs, rest) !== undefined) {
    const below = {};
    put(below);
    fill(below, theirs, rest);
  }
}

const valueIn = (node: unknown, steps: readonly string[]): unknown => steps.reduce<unknown>(own, node);

const own = (node: unknown, key: string): unknown =>
  typeof node === "object" && node !== null && Object.hasOwn(node, key)
    ? (node as Record<string, unknown>)[key]
    : undefined;

import type { DuplicateRule, Event } from "@vedette/sdk";
import { type KnownEvents, timeOf } from "./known-events.ts";
import { matchesType } from "./wildcard.ts";

/**
 * The id of an earlier event that this one repeats by a rule of its plugin: among those about to be stored, or in the store.
 * An event that lacks one of the rule's values repeats nothing.
 */
export async function originalOf(
  event: Event,
  rules: readonly DuplicateRule[],
  fresh: readonly Event[],
  known: KnownEvents,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const { same, withinSeconds, eventTypes } of rules) {
    if (!matchesType(eventTypes, event.eventType ?? "")) continue;
    const values = new Map(same.map((path) => [path, valueAt(event, path)] as const));
    if ([...values.values()].includes("")) continue;
    const withinMs = withinSeconds * 1_000;
    const twin = fresh.find(
      (other) =>
        Math.abs(timeOf(other) - timeOf(event)) <= withinMs &&
        same.every((path) => valueAt(other, path) === values.get(path)),
    );
    if (twin) return twin.id;
    const stored = await known.like(event.dataType ?? "", { time: timeOf(event), withinMs }, values, signal);
    if (stored !== undefined) return stored;
  }
  return undefined;
}

/** A scalar at a dotted path as text; "" where there is none. */
export function valueAt(event: Event, path: string): string {
  let node: unknown = event;
  for (const key of path.split(".")) {
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, key)) return "";
    node = (node as Record<string, unknown>)[key];
  }
  return typeof node === "string" || typeof node === "number" || typeof node === "boolean"
    ? String(node)
    : "";
}

import { MAX_DEPTH } from "../paths/index.ts";

/** Values and levels of a value below `log.`; infinite where an event would not hold it as it is. */
export function weigh(value: unknown, depth: number): number {
  if (typeof value !== "object" || value === null) return 1;
  if (depth > MAX_DEPTH) return Number.POSITIVE_INFINITY;
  let weight = 1;
  if (Array.isArray(value)) for (const item of value) weight += weigh(item, depth + 1);
  else for (const key in value) weight += weigh((value as Record<string, unknown>)[key], depth + 1);
  return weight;
}

import { addError } from "./draft.ts";
import { type JsonObject, jsonText, MAX_DEPTH } from "./paths/index.ts";

/** Most values that one event carries under `log.`, all levels together. */
export const MAX_FIELDS = 2048;

const budget = { left: 0, removed: 0 };

/** Counts values and replaces objects below the deepest level by JSON text; false when there are too many. */
function fits(value: object, depth: number): boolean {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      if (--budget.left < 0) return false;
      const item: unknown = value[index];
      if (typeof item !== "object" || item === null) continue;
      if (depth >= MAX_DEPTH) value[index] = jsonText(item);
      else if (!fits(item, depth + 1)) return false;
    }
    return true;
  }
  const object = value as JsonObject;
  for (const key in object) {
    const item = object[key];
    if (item === undefined) {
      budget.removed++;
      continue;
    }
    if (--budget.left < 0) return false;
    if (typeof item !== "object" || item === null) continue;
    if (depth >= MAX_DEPTH) object[key] = jsonText(item);
    else if (!fits(item, depth + 1)) return false;
  }
  return true;
}

/** A copy without the fields that steps removed. */
function withoutRemoved(object: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const key in object) {
    const item = object[key];
    if (item === undefined) continue;
    kept[key] =
      typeof item === "object" && item !== null && !Array.isArray(item)
        ? withoutRemoved(item as JsonObject)
        : item;
  }
  return kept;
}

/** The fields under `log.` within bounds; what is over them is kept as JSON text in `log.overflow`. Undefined when empty. */
export function boundLog(
  log: JsonObject,
  errors: string[],
  counters: { bounded: number },
): JsonObject | undefined {
  budget.left = MAX_FIELDS;
  budget.removed = 0;
  if (fits(log, 1)) {
    if (budget.left === MAX_FIELDS) return undefined;
    return budget.removed === 0 ? log : withoutRemoved(log);
  }
  counters.bounded++;
  addError(
    errors,
    `The log has more than ${MAX_FIELDS} fields; the rest was kept as text in "log.overflow".`,
  );
  const kept: JsonObject = {};
  const rest: JsonObject = {};
  budget.left = MAX_FIELDS - 1;
  // In the order of names, so that what is kept does not hang on the order in which steps wrote.
  for (const key of Object.keys(log).sort()) {
    const item = log[key];
    if (item === undefined) continue;
    const room = --budget.left >= 0 && (typeof item !== "object" || item === null || fits(item, 2));
    (room ? kept : rest)[key] = item;
  }
  kept.overflow = jsonText(rest);
  return kept;
}

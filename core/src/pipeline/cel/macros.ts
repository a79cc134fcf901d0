import type { Macro } from "./ast.ts";
import type { Evaluate } from "./compile-function.ts";
import { CelRuntimeError } from "./errors.ts";
import { kindOf, presentKeys } from "./values.ts";

/** Elements that all macros of one evaluation may visit together. */
export const MAX_VISITS = 100_000;

/** Where the visits of the running evaluation are counted: the slot behind the macro variables. */
export const visits = { left: MAX_VISITS };

function elements(value: unknown, name: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  if (typeof value === "object") return presentKeys(value);
  throw new CelRuntimeError(`${name}() needs a list or a map, not a ${kindOf(value)}.`);
}

/** Compiles a list macro; the variable lives in one slot. A map is visited by its keys. */
export function compileMacro(
  name: Macro["name"],
  slot: number,
  range: Evaluate,
  body: Evaluate,
  condition: Evaluate | undefined,
): Evaluate {
  return (doc, variables) => {
    const items = elements(range(doc, variables), name);
    const kept: unknown[] = [];
    for (const item of items) {
      if (--visits.left < 0)
        throw new CelRuntimeError(`The expression visits more than ${MAX_VISITS} elements.`);
      variables[slot] = item;
      if (condition && condition(doc, variables) !== true) continue;
      const result = body(doc, variables);
      if (name === "map") kept.push(result);
      else if (name === "all") {
        if (!result) return false;
      } else if (result) {
        if (name === "exists") return true;
        kept.push(item);
      }
    }
    if (name === "all") return true;
    if (name === "exists") return false;
    return name === "exists_one" ? kept.length === 1 : kept;
  };
}

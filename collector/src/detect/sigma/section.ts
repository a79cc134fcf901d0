import type { Source } from "@vedette/core/config";
import type { Report } from "../report.ts";
import { compileDetection } from "./detection.ts";
import { compileExpression } from "./expression.ts";
import { SigmaFault } from "./fault.ts";
import type { Fields } from "./item.ts";
import { and, type Node, or } from "./node.ts";

/** Runs a part of compilation; a fault goes into the report. */
export function attempt<T>(source: Source, report: Report, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SigmaFault)) throw error;
    report.fault(source, error.path, error.message, error.suggestion);
    return undefined;
  }
}

/** A map of named parts and the condition over them, of a rule or of a filter. */
export function detectionOf(
  given: Readonly<Record<string, unknown>>,
  path: readonly PropertyKey[],
  fields: Fields,
  beside: readonly string[] = [],
): Node {
  const { condition, timeframe, ...named } = given;
  if (timeframe !== undefined) {
    const why = "A timeframe was taken out of Sigma rules.";
    throw new SigmaFault([...path, "timeframe"], why, "Write a correlation that names this rule.");
  }
  const parts = new Map<string, Node>();
  for (const [name, part] of Object.entries(named)) {
    if (beside.includes(name)) continue;
    // With its name, which an explanation shows.
    parts.set(name, and([compileDetection(part, fields, [...path, name])], name));
  }
  const at = [...path, "condition"];
  const conditions = Array.isArray(condition) ? condition : [condition];
  if (condition === undefined || conditions.length === 0)
    throw new SigmaFault(path, "A condition is missing.");
  return or(
    conditions.map((each, index) => {
      const own = Array.isArray(condition) ? [...at, index] : at;
      if (typeof each !== "string") throw new SigmaFault(own, "A condition is text.");
      return compileExpression(each, parts, own);
    }),
  );
}

import type { Doc } from "@vedette/core/pipeline";
import type { Explanation } from "./condition.ts";
import type { Rule } from "./rule.ts";

/** Why the condition of a rule holds for an event, or does not. */
export const explainRule = (rule: Rule, doc: Doc): Explanation => rule.where.explain(doc);

/** What a document has at some paths. */
export const valuesAt = (paths: readonly string[], doc: Doc): NonNullable<Explanation["values"]> =>
  paths.map((path) => {
    const value = doc.get(path);
    return value === undefined ? { path } : { path, value };
  });

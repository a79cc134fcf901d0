import type { Correlation } from "../correlate/index.ts";
import type { Condition } from "./condition.ts";
import type { Rule } from "./rule.ts";

/** Holds for no event: what a correlation looks at are the matches of others. */
const never: Condition = {
  paths: [],
  filter: { kind: "or", parts: [] },
  test: () => false,
  explain: () => ({ said: "a correlation, which looks at the matches of other rules", held: false }),
};

/** A correlation as one of the rules, so that it is listed, counted and switched off like them. */
export function ruleOf(
  correlation: Correlation,
  names: readonly string[],
  language: Rule["language"],
  digest: string,
): Rule {
  const { template, place, raises } = correlation;
  return {
    ...template,
    tags: template.tags ?? [],
    language,
    names,
    dataTypes: [],
    where: never,
    afterEvents: [],
    correlation,
    silent: !raises,
    digest,
    place,
  };
}

import { checkConfig, type Source } from "@vedette/core/config";
import type { Report } from "../report.ts";
import type { Rule } from "../rule.ts";
import { compileInsight } from "./compile.ts";
import { insightFile } from "./schema.ts";

export { insightRule } from "./schema.ts";

/** Whether a document is a rule set. */
export const isInsights = ({ value }: Source): boolean =>
  typeof value === "object" && value !== null && Object.hasOwn(value, "schema_version");

/** Insight rules of a load, by id: a later one replaces an earlier one. */
export class Insights {
  readonly #rules = new Map<string, { readonly source: Source; readonly rules: readonly Rule[] }>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Takes a rule set. */
  take(source: Source): void {
    const checked = checkConfig(insightFile, source);
    if (!checked.ok) {
      this.#report.problems.push(...checked.problems);
      return;
    }
    for (const [index, rule] of checked.value.rules.entries()) {
      const twin = this.#rules.get(rule.id);
      if (twin?.source === source) {
        this.#report.fault(
          source,
          ["rules", index, "id"],
          `Two rules of this file have the id "${rule.id}".`,
        );
        continue;
      }
      if (twin) {
        const why = `This replaces the rule "${rule.id}" of ${twin.source.file}.`;
        this.#report.doubt(source, ["rules", index, "id"], why);
      }
      this.#rules.set(rule.id, { source, rules: compileInsight(source, index, rule) });
    }
  }

  get all(): readonly Rule[] {
    return [...this.#rules.values()].flatMap(({ rules }) => rules);
  }
}

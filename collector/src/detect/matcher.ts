import type { Batch } from "@vedette/core/batch";
import type { Doc } from "@vedette/core/pipeline";
import { Lru } from "../bounded/index.ts";
import { type Plan, planFor } from "./plan.ts";
import { visit } from "./plans.ts";
import { BatchPaths, RowDoc } from "./row-doc.ts";
import { looksAt, type Rule } from "./rule.ts";
import { RuleState } from "./rule-state.ts";

/** Data types whose plans are kept. */
const maxPlans = 256;

/** Tells which rules' conditions hold for which events, as a detector does, and nothing else: no history, no alerts. */
export class Matcher {
  readonly #states: readonly RuleState[];
  readonly #plans = new Lru<string, Plan>(maxPlans);

  constructor(rules: readonly Rule[]) {
    this.#states = rules.map((rule, number) => new RuleState(rule, number));
  }

  /** Calls `found` for each row and rule of it that holds, by row and then in the order of the rules. */
  match(batch: Batch, found: (row: number, rule: Rule) => void): void {
    const { dataType } = batch.header;
    let plan = this.#plans.get(dataType);
    if (!plan) {
      plan = planFor({ dataType, states: this.#states });
      this.#plans.set(dataType, plan);
    }
    const paths = new BatchPaths(batch);
    const doc = new RowDoc(batch, paths);
    visit(plan, batch, paths, {
      row: (row) => {
        doc.row = row;
      },
      subscription: () => undefined,
      rule: ({ rule }, sure) => {
        if (sure || holds(rule, doc)) found(doc.row, rule);
      },
    });
  }

  /** The same of one event, each rule asked by itself. */
  matchOne(dataType: string, doc: Doc): Rule[] {
    return this.#states.map(({ rule }) => rule).filter((rule) => looksAt(rule, dataType) && holds(rule, doc));
  }
}

/** A fault is no match. */
function holds(rule: Rule, doc: Doc): boolean {
  try {
    return rule.where.test(doc);
  } catch {
    return false;
  }
}

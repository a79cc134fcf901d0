import type { Batch } from "@vedette/core/batch";
import { Lru } from "../bounded/index.ts";
import type { Subscription } from "../correlate/index.ts";
import type { Engine } from "./engine.ts";
import { candidatesOf, type Plan, planFor, planSteps } from "./plan.ts";
import type { BatchPaths } from "./row-doc.ts";
import type { RuleState } from "./rule-state.ts";

/** The plans of data types, made when the first event of a type comes; the least used leave. */
export class Plans {
  readonly #engine: Engine;
  readonly #plans: Lru<string, Plan>;

  constructor(engine: Engine, limit: number) {
    this.#engine = engine;
    this.#plans = new Lru(limit);
  }

  of(dataType: string): Plan {
    let plan = this.#plans.get(dataType);
    if (!plan) {
      plan = planFor(this.#partsOf(dataType));
      this.#plans.set(dataType, plan);
    }
    return plan;
  }

  /** Makes the plans that those of other rules have, in steps of some milliseconds: else the next event of each type would wait. */
  *like(others: Plans): Generator<void> {
    for (const [dataType, before] of [...others.#plans])
      this.#plans.set(dataType, yield* planSteps({ ...this.#partsOf(dataType), before }));
  }

  #partsOf(dataType: string) {
    const { states, history, asked } = this.#engine;
    return { dataType, states, subscriptions: history.subscriptionsOf(dataType), asked };
  }
}

/** Who looks at rows, in the order of arrival: for each row what is to be remembered of it, then the rules to ask. */
export interface Visitor {
  row(row: number): void;
  /** `sure` says that all but its key is known to hold. */
  subscription(subscription: Subscription, sure: boolean): void;
  /** `sure` says that its condition is known to hold. */
  rule(state: RuleState, sure: boolean): void;
}

/** Shows a visitor the rows of a batch that are worth a look, and to what. */
export function visit(plan: Plan, batch: Batch, paths: BatchPaths, visitor: Visitor): void {
  const { rules, subscriptions } = plan;
  for (const { from, to, always, sure, starts, members } of candidatesOf(plan, batch, paths)) {
    for (let row = from; row < to; row++) {
      const end = starts[row - from + 1]!;
      let at = starts[row - from]!;
      let next = 0;
      if (at === end && always.length === 0) continue;
      visitor.row(row);
      while (at < end || next < always.length) {
        const own = at < end && (next >= always.length || members[at]! < always[next]!);
        const member = own ? members[at++]! : always[next++]!;
        const known = sure[member] === 1;
        if (member < subscriptions.length) visitor.subscription(subscriptions[member]!.subject, known);
        else visitor.rule(rules[member - subscriptions.length]!.subject, known);
      }
    }
  }
}

import { z } from "zod";
import type { NestedSteps } from "./nested.ts";
import { compileFieldValues, fieldValues } from "./set.ts";
import { type RunStep, type StepContext, StepError } from "./step.ts";
import { where } from "./where.ts";

const MAX_CASES = 256;

/** Runs the first case whose condition is true, and no other. */
export const switchOf = (steps: NestedSteps) =>
  z
    .strictObject({
      cases: z
        .array(
          z.strictObject({
            where: where.describe("CEL expression over the draft; a case without one is always true."),
            set: fieldValues.optional(),
            steps: steps.optional().describe("Steps to run, after `set`."),
          }),
        )
        .min(1)
        .max(MAX_CASES)
        .describe("Cases, tried in this order."),
      where,
    })
    .describe(
      "Runs the first case whose condition is true, and no other. Cheaper and clearer than many steps with conditions that exclude each other.",
    );

type Options = z.infer<ReturnType<typeof switchOf>>;

export function compileSwitch({ cases }: Options, context: StepContext): RunStep {
  const compiled = cases.map(({ where: condition, set, steps }, index) => {
    const at = ["cases", index];
    if (set === undefined && steps === undefined) throw new StepError(at, "A case needs `set` or `steps`.");
    if (condition === undefined && index < cases.length - 1)
      throw new StepError(at, "A case without `where` is always true, so the ones behind it never run.");
    return {
      test: context.condition(condition, [...at, "where"]),
      write: set && compileFieldValues(set, [...at, "set"]),
      steps: steps && context.steps(steps, [...at, "steps"]),
    };
  });
  return (draft) => {
    for (const { test, write, steps } of compiled) {
      if (!test(draft)) continue;
      write?.(draft.root);
      steps?.run(draft);
      return undefined;
    }
    return "missed";
  };
}

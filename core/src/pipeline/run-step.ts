import { messageOf } from "@vedette/sdk";
import type { ObjectDoc } from "./cel/index.ts";
import { addError, type Draft } from "./draft.ts";
import type { CompiledStep } from "./plan.ts";

/** Runs one step where its condition is true; a fault becomes an entry in the draft's errors. */
export function runStep(step: CompiledStep, draft: Draft, doc: ObjectDoc): void {
  const { counters, where } = step;
  try {
    if (where !== undefined && !where.test(doc)) {
      counters.skipped++;
      return;
    }
    counters.runs++;
    if (step.run(draft) === "missed") counters.missed++;
    else if (draft.dropped) counters.drops++;
  } catch (error) {
    counters.errors++;
    addError(draft.errors, `${step.label}: ${messageOf(error)}`);
  }
}

/** The same, and measures the time. */
export function runTimed(step: CompiledStep, draft: Draft, doc: ObjectDoc): void {
  const start = process.hrtime.bigint();
  runStep(step, draft, doc);
  step.counters.nanoseconds += Number(process.hrtime.bigint() - start);
}

import type { z } from "zod";
import type { Draft } from "../draft.ts";

/** A step inside a step, as it is written: one kind with its options. */
export interface NestedStep {
  readonly [kind: string]: unknown;
}

/** The schema of a list of steps inside a step. */
export type NestedSteps = z.ZodType<readonly NestedStep[]>;

/** Most steps in one list inside a step. */
export const MAX_NESTED = 64;
/** How deep steps may stand in steps. */
export const MAX_NESTING = 4;

/** Steps inside a step, ready to run. */
export interface StepList {
  /** Runs them in order until one drops the draft. Their faults become entries in the draft's errors. */
  run(draft: Draft): void;
}

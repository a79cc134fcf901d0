import type { Problem } from "../config/index.ts";
import type { CelProgram } from "./cel/index.ts";
import type { Patterns } from "./patterns/index.ts";
import type { Tenant } from "./schema.ts";
import type { RunStep, Step, StepKind } from "./steps/index.ts";

/** What a step did since the start. */
export interface StepCounters {
  /** Times it ran, its condition being true. */
  runs: number;
  /** Times its condition was not true. */
  skipped: number;
  /** Times it found nothing to do, such as a grok that did not match. */
  missed: number;
  errors: number;
  drops: number;
  /** Long lines for which it took more CPU time than a line is worth. */
  slow: number;
  /** Long lines for which it was left out, having been slow too often. */
  leftOut: number;
  /** Time spent in it; 0 unless timing is on. */
  nanoseconds: number;
}

/** A step, ready to run. */
export interface CompiledStep {
  readonly kind: StepKind;
  /** `file:line` of the step, for reports. */
  readonly place: string;
  /** How errors name it, such as `Step 2 (kv)`. */
  readonly label: string;
  readonly where: CelProgram | undefined;
  readonly run: RunStep;
  /** True where a plugin in another process has to be asked before it runs. */
  readonly waits: boolean;
  /** The step as it was written, for a compiler that does not call `run`. */
  readonly step: Step;
  /** Steps inside this one, which it runs itself; each may have such steps again. */
  readonly nested: readonly CompiledStep[];
  /** Conditions inside it, in the order in which they are written; undefined for one that is left out. */
  readonly conditions: readonly (CelProgram | undefined)[];
  readonly counters: StepCounters;
}

/** What a pipeline set is made of; the loader makes it. */
export interface PipelinePlan {
  /** Steps of every stage, in order, by data type. */
  readonly steps: ReadonlyMap<string, readonly CompiledStep[]>;
  readonly tenants: readonly Tenant[];
  readonly disabledRules: readonly string[];
  /** Default patterns and those of the files; rules may use them too. */
  readonly patterns: Patterns;
  readonly plugins: Readonly<Record<string, unknown>>;
  /** What an author should know, though everything runs. */
  readonly warnings: readonly Problem[];
}

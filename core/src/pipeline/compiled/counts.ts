import type { CompiledStep } from "../plan.ts";

const kinds = ["runs", "missed", "errors", "faults", "drops", "left"] as const;

/** What is counted of a step. `faults` are those of its condition, `left` the rows that the interpreter took over behind it. */
export type Count = (typeof kinds)[number];

/** Counters of a program in one array: cheap to add to, brought to the steps when somebody looks. */
export class Counts {
  /** `[0]` rows, then six numbers a step. */
  readonly values: Float64Array;
  readonly #steps: readonly CompiledStep[];
  /** The step that counts the runs of each, for steps that run together. */
  readonly #runs: number[];

  constructor(steps: readonly CompiledStep[]) {
    this.#steps = steps;
    this.values = new Float64Array(1 + steps.length * kinds.length);
    this.#runs = steps.map((_, index) => index);
  }

  /** Where a number of a step is. */
  at(step: number, what: Count): number {
    return 1 + step * kinds.length + kinds.indexOf(what);
  }

  /** Says that a step runs whenever another one does, which counts for both. */
  shareRuns(step: number, head: number): void {
    this.#runs[step] = head;
  }

  /** The step whose runs count for this one. */
  runsOf(step: number): number {
    return this.#runs[step]!;
  }

  /** Adds everything to the counters of the steps and begins anew. */
  fold(): void {
    const { values } = this;
    let reached = values[0]!;
    for (const [index, { where, counters }] of this.#steps.entries()) {
      const of = (what: Count): number => values[this.at(index, what)]!;
      const faults = of("faults");
      const runs = where ? values[this.at(this.#runs[index]!, "runs")]! : reached;
      counters.runs += runs;
      counters.skipped += reached - runs - faults;
      counters.missed += of("missed");
      counters.errors += of("errors") + faults;
      counters.drops += of("drops");
      reached -= of("drops") + of("left");
    }
    values.fill(0);
  }
}

import type { CompiledStep } from "../plan.ts";

const width = 6;

/** Counters of a program in one array: cheap to add to, brought to the steps when somebody looks. */
export class Counts {
  /** `[0]` rows, then six numbers a step. */
  readonly values: Float64Array;
  readonly #steps: readonly CompiledStep[];

  constructor(steps: readonly CompiledStep[]) {
    this.#steps = steps;
    this.values = new Float64Array(1 + steps.length * width);
  }

  /** Where a number of a step is. `left` counts the rows that the interpreter took over behind the step. */
  at(step: number, what: "runs" | "missed" | "errors" | "faults" | "drops" | "left"): number {
    return 1 + step * width + ["runs", "missed", "errors", "faults", "drops", "left"].indexOf(what);
  }

  /** Adds everything to the counters of the steps and begins anew. */
  fold(): void {
    const { values } = this;
    let reached = values[0]!;
    for (const [index, { where, counters }] of this.#steps.entries()) {
      const of = (what: Parameters<Counts["at"]>[1]): number => values[this.at(index, what)]!;
      const faults = of("faults");
      const runs = where ? of("runs") : reached;
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

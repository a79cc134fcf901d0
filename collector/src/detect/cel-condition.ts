import type { CelProgram } from "@vedette/core/pipeline";
import type { Condition } from "./condition.ts";
import { type Filter, type FilterOptions, filterOf } from "./filter.ts";

/** A CEL expression as the condition of a rule. */
export class CelCondition implements Condition {
  readonly #program: CelProgram;
  readonly #options: FilterOptions;
  #filter: Filter | undefined;

  /** `options` are those that the program was compiled with. */
  constructor(program: CelProgram, options: FilterOptions = {}) {
    this.#program = program;
    this.#options = options;
  }

  get paths(): readonly string[] {
    return this.#program.paths;
  }

  get filter(): Filter {
    this.#filter ??= filterOf(this.#program.ast, this.#options);
    return this.#filter;
  }

  test(doc: Parameters<Condition["test"]>[0]): boolean {
    return this.#program.test(doc);
  }
}

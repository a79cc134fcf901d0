import { type CelProgram, compileCel, type Doc, type Expr } from "@vedette/core/pipeline";
import { messageOf } from "@vedette/sdk";
import type { Condition, Explanation } from "./condition.ts";
import { valuesAt } from "./explain.ts";
import { type Filter, type FilterOptions, filterOf } from "./filter.ts";
import { unparseCondition } from "./unparse.ts";

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

  test(doc: Doc): boolean {
    return this.#program.test(doc);
  }

  explain(doc: Doc): Explanation {
    return explainExpr(this.#program.ast, this.#program, doc, this.#options);
  }
}

/** Explains an expression; what cannot be written back is explained as a whole by `whole`. */
function explainExpr(
  expr: Expr,
  whole: CelProgram | undefined,
  doc: Doc,
  options: FilterOptions,
): Explanation {
  const source = unparseCondition(expr);
  const program = whole ?? (source === undefined ? undefined : compileCel(source, options));
  if (!program) return { said: "a part of the expression", held: false, fault: "it cannot be shown alone" };
  let held = false;
  let fault: string | undefined;
  try {
    held = program.test(doc);
  } catch (error) {
    fault = messageOf(error);
  }
  const outcome = fault === undefined ? { held } : { held, fault };
  const inner =
    expr.kind === "logical"
      ? expr.operands
      : expr.kind === "unary" && expr.operator === "!"
        ? [expr.operand]
        : [];
  if (inner.length > 0 && inner.every((part) => unparseCondition(part) !== undefined)) {
    const said =
      expr.kind === "unary" ? "not" : expr.kind === "logical" && expr.operator === "||" ? "one of" : "all of";
    return { said, ...outcome, parts: inner.map((part) => explainExpr(part, undefined, doc, options)) };
  }
  return { said: source ?? program.source, ...outcome, values: valuesAt(program.paths, doc) };
}

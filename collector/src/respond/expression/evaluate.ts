import { isVedetteError } from "@vedette/sdk";
import type { Expression, Value } from "./ast.ts";
import { EvaluationFault } from "./errors.ts";
import { compare, RegexValue } from "./operators.ts";
import { writeReference } from "./reference.ts";
import { kindOf, truthy } from "./values.ts";

/** Where variables come from: the value of a path, undefined where it is not defined. */
export type Lookup = (path: readonly string[]) => Value | undefined;

/** The value of an expression. Throws EvaluationFault, as for a variable that is not defined. */
export function evaluate(expression: Expression, lookup: Lookup): Value {
  switch (expression.type) {
    case "literal":
      return expression.value;
    case "variable":
      return defined(expression.path, lookup);
    case "regexp":
      throw new EvaluationFault("A regular expression is no value.");
    case "array":
      return expression.elements.map((each) => evaluate(each, lookup));
    case "unary":
      return !truthy(evaluate(expression.right, lookup));
    case "binary": {
      const { op, left, right } = expression;
      // The right side is not looked at where the left one decides: it may not even be defined then.
      if (op === "AND") return truthy(evaluate(left, lookup)) && truthy(evaluate(right, lookup));
      if (op === "OR") return truthy(evaluate(left, lookup)) || truthy(evaluate(right, lookup));
      return compare(
        op,
        evaluate(left, lookup),
        right.type === "regexp" ? new RegexValue(right.regexp) : evaluate(right, lookup),
      );
    }
    case "function":
      return call(expression, lookup);
  }
}

/** The value of a variable. Throws EvaluationFault where it is not defined. */
export function defined(path: readonly string[], lookup: Lookup): Value {
  const value = lookup(path);
  if (value === undefined) throw new EvaluationFault(`${writeReference(path)} is not defined.`);
  return value;
}

function call({ name, args }: Extract<Expression, { type: "function" }>, lookup: Lookup): Value {
  const [first, second] = args as [Expression, Expression?];
  if (name === "is_defined") return first.type === "variable" && lookup(first.path) !== undefined;
  if (name === "if_error") {
    try {
      return evaluate(first, lookup);
    } catch (error) {
      if (!isVedetteError(error) || error.code !== "expression.failed") throw error;
      return second ? evaluate(second, lookup) : null;
    }
  }
  const value = evaluate(first, lookup);
  // Programs in Go give null where a list is empty.
  if (value === null) return 0;
  if (typeof value === "string") return [...value].length;
  if (typeof value === "object") return Array.isArray(value) ? value.length : Object.keys(value).length;
  throw new EvaluationFault(`length takes text, a list or a map, not ${kindOf(value)}.`);
}

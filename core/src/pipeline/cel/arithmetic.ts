import type { BinaryOperator } from "./ast.ts";
import { CelRuntimeError } from "./errors.ts";
import { kindOf } from "./values.ts";

/** Longest text or list that `+` may make. */
const MAX_RESULT = 1_000_000;

function plus(left: unknown, right: unknown): unknown {
  if (typeof left === "number" && typeof right === "number") return left + right;
  const texts = typeof left === "string" && typeof right === "string";
  if (!texts && !(Array.isArray(left) && Array.isArray(right))) {
    throw new CelRuntimeError(`"+" does not add a ${kindOf(right)} to a ${kindOf(left)}.`);
  }
  if (left.length + right.length > MAX_RESULT)
    throw new CelRuntimeError(`"+" makes more than ${MAX_RESULT} elements.`);
  return texts ? left + right : [...left, ...(right as unknown[])];
}

function divide(left: number, right: number, whole: boolean): number {
  if (!whole || !Number.isInteger(left) || !Number.isInteger(right)) return left / right;
  if (right === 0) throw new CelRuntimeError("Division by zero.");
  return Math.trunc(left / right);
}

/** An arithmetic operator. `whole`: no operand is written as a double, so whole numbers divide to a whole number. */
export function arithmetic(
  operator: BinaryOperator,
  whole: boolean,
): (left: unknown, right: unknown) => unknown {
  if (operator === "+") return plus;
  return (left, right) => {
    if (typeof left !== "number" || typeof right !== "number") {
      throw new CelRuntimeError(
        `"${operator}" needs numbers, not a ${kindOf(typeof left === "number" ? right : left)}.`,
      );
    }
    if (operator === "-") return left - right;
    if (operator === "*") return left * right;
    if (operator === "/") return divide(left, right, whole);
    if (right === 0) throw new CelRuntimeError("Remainder of a division by zero.");
    return left % right;
  };
}

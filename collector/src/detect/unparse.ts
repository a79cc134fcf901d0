import type { Expr } from "@vedette/core/pipeline";

/** Functions that read exactly the path of their first argument and answer true or false. */
const tests: ReadonlySet<string> = new Set(
  (
    "exists equals equal oneOf inList equalsIgnoreCase contains contain containsAll startsWith startWith " +
    "endsWith endWith regexMatch inCIDR lessThan greaterThan lessOrEqual lowerEqual greaterOrEqual " +
    "isHour isMinute isDayOfWeek isWeekend isWorkDay isBetweenTime"
  ).split(" "),
);
/** The same as methods of a path. */
const methods: ReadonlySet<string> = new Set(["contains", "startsWith", "endsWith", "matches"]);
const comparisons: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">=", "in"]);

const text = (value: string): string =>
  JSON.stringify(value).replaceAll(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);

/**
 * Writes an expression that is true or false back as CEL, or gives undefined where it is not of the plain kinds
 * that detection looks into. Only used to cut a condition out of a larger expression.
 */
export function unparseCondition(expr: Expr): string | undefined {
  switch (expr.kind) {
    case "logical":
      return joined(expr.operands.map(unparseCondition), ` ${expr.operator} `);
    case "unary":
      return expr.operator === "!" ? prefixed("!", unparseCondition(expr.operand)) : undefined;
    case "call":
      if (expr.target) return unparseMethod(expr.name, expr.target, expr.args);
      return tests.has(expr.name) ? unparseValue(expr) : undefined;
    case "binary":
      return comparisons.has(expr.operator)
        ? joined([unparseValue(expr.left), unparseValue(expr.right)], ` ${expr.operator} `)
        : undefined;
    case "has":
      return prefixed("has", unparseValue(expr.operand));
    default:
      return undefined;
  }
}

function unparseMethod(name: string, target: Expr, args: readonly Expr[]): string | undefined {
  if (!methods.has(name) || (target.kind !== "select" && target.kind !== "ident")) return undefined;
  const parts = [target, ...args].map(unparseValue);
  return parts.includes(undefined) ? undefined : `${parts[0]}.${name}(${parts.slice(1).join(", ")})`;
}

function unparseValue(expr: Expr): string | undefined {
  switch (expr.kind) {
    case "literal":
      if (typeof expr.value === "string") return text(expr.value);
      if (expr.double && Number.isInteger(expr.value)) return `${expr.value}.0`;
      return String(expr.value);
    case "list": {
      const items = expr.items.map(unparseValue);
      return items.includes(undefined) ? undefined : `[${items.join(", ")}]`;
    }
    case "ident":
      return expr.name;
    case "select": {
      const object = unparseValue(expr.object);
      return object === undefined ? undefined : `${object}.${expr.field}`;
    }
    case "call": {
      if (expr.target || !(tests.has(expr.name) || expr.name === "safe")) return undefined;
      const args = expr.args.map(unparseValue);
      return args.includes(undefined) ? undefined : `${expr.name}(${args.join(", ")})`;
    }
    default:
      return undefined;
  }
}

const joined = (parts: readonly (string | undefined)[], operator: string): string | undefined =>
  parts.includes(undefined) ? undefined : `(${parts.join(operator)})`;
const prefixed = (prefix: string, part: string | undefined): string | undefined =>
  part === undefined ? undefined : `${prefix}(${part})`;

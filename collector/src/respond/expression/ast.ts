/** A value of the language: what JSON can say. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

interface At {
  /** Offset in the text of the expression. */
  readonly at: number;
}

/**
 * An expression as a tree. Kinds and keys are those that `.icon` files hold under `expression`, so that either side can
 * be made from the other; `path` and `at` are ours and are not printed.
 */
export type Expression =
  | (At & { readonly type: "literal"; readonly value: Value })
  | (At & { readonly type: "variable"; readonly path: readonly string[] })
  | (At & { readonly type: "regexp"; readonly regexp: string })
  | (At & { readonly type: "array"; readonly elements: readonly Expression[] })
  | (At & { readonly type: "unary"; readonly op: "NOT"; readonly right: Expression })
  | (At & {
      readonly type: "binary";
      readonly op: Operator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (At & { readonly type: "function"; readonly name: FunctionName; readonly args: readonly Expression[] });

export const comparisons = [
  "=",
  "==",
  "!=",
  ">",
  ">=",
  "<",
  "<=",
  "=~",
  "!~",
  "contains",
  "like",
  "ilike",
  "starts_with",
  "ends_with",
] as const;

export type Comparison = (typeof comparisons)[number];
export type Operator = Comparison | "AND" | "OR";

export const functionNames = ["length", "is_defined", "if_error"] as const;
export type FunctionName = (typeof functionNames)[number];

/** The tree as `.icon` files hold it: plain JSON, keys in alphabetical order. */
export function printAst(expression: Expression): Record<string, unknown> {
  switch (expression.type) {
    case "literal":
      return { type: "literal", value: expression.value };
    case "variable":
      return { name: expression.path.join("."), type: "variable" };
    case "regexp":
      return { regexp: expression.regexp, type: "regexp" };
    case "array":
      return { elements: expression.elements.map(printAst), type: "array" };
    case "unary":
      return { op: expression.op, right: printAst(expression.right), type: "unary" };
    case "binary":
      return {
        left: printAst(expression.left),
        op: expression.op,
        right: printAst(expression.right),
        type: "binary",
      };
    case "function":
      return { args: expression.args.map(printAst), name: expression.name, type: "function" };
  }
}

/** Every variable of an expression, with those that only `is_defined` or `if_error` look at marked as guarded. */
export function variablesOf(
  expression: Expression,
  guarded = false,
): { readonly path: readonly string[]; readonly at: number; readonly guarded: boolean }[] {
  switch (expression.type) {
    case "variable":
      return [{ path: expression.path, at: expression.at, guarded }];
    case "array":
      return expression.elements.flatMap((each) => variablesOf(each, guarded));
    case "unary":
      return variablesOf(expression.right, guarded);
    case "binary":
      return [...variablesOf(expression.left, guarded), ...variablesOf(expression.right, guarded)];
    case "function":
      return expression.args.flatMap((each) => variablesOf(each, guarded || expression.name !== "length"));
    default:
      return [];
  }
}

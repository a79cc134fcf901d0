/** Operators of two operands, as written. */
export type BinaryOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "+" | "-" | "*" | "/" | "%";

interface Node {
  /** Offset of the node's first significant character in the expression. */
  readonly at: number;
}

export interface Literal extends Node {
  readonly kind: "literal";
  readonly value: null | boolean | number | string;
  /** True for `1.0`, false for `1` and `1u`; only division looks at it. */
  readonly double?: boolean;
}
export interface Ident extends Node {
  readonly kind: "ident";
  readonly name: string;
}
export interface Select extends Node {
  readonly kind: "select";
  readonly object: Expr;
  readonly field: string;
}
export interface Index extends Node {
  readonly kind: "index";
  readonly object: Expr;
  readonly index: Expr;
}
export interface Call extends Node {
  readonly kind: "call";
  readonly name: string;
  /** Present for `target.name(...)`. */
  readonly target?: Expr;
  readonly args: readonly Expr[];
}
export interface List extends Node {
  readonly kind: "list";
  readonly items: readonly Expr[];
}
export interface MapExpr extends Node {
  readonly kind: "map";
  readonly entries: readonly { readonly key: Expr; readonly value: Expr }[];
}
export interface Unary extends Node {
  readonly kind: "unary";
  readonly operator: "!" | "-";
  readonly operand: Expr;
}
export interface Binary extends Node {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expr;
  readonly right: Expr;
}
/** A chain of one logical operator, flat: `a || b || c` has three operands. */
export interface Logical extends Node {
  readonly kind: "logical";
  readonly operator: "&&" | "||";
  readonly operands: readonly Expr[];
}
export interface Conditional extends Node {
  readonly kind: "conditional";
  readonly condition: Expr;
  readonly then: Expr;
  readonly otherwise: Expr;
}
export interface Has extends Node {
  readonly kind: "has";
  readonly operand: Expr;
}
export const macroNames = ["all", "exists", "exists_one", "filter", "map"] as const;
export interface Macro extends Node {
  readonly kind: "macro";
  readonly name: (typeof macroNames)[number];
  readonly range: Expr;
  readonly variable: string;
  /** Only `map(x, condition, value)` has both. */
  readonly condition?: Expr;
  readonly body: Expr;
}

/** A parsed expression. Detection indexes rules by it. */
export type Expr =
  | Literal
  | Ident
  | Select
  | Index
  | Call
  | List
  | MapExpr
  | Unary
  | Binary
  | Logical
  | Conditional
  | Has
  | Macro;

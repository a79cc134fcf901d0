import { compileCel, type Doc, type Expr, type ListTests } from "@vedette/core/pipeline";
import { type Literal, literalOf } from "./literal.ts";
import { unparseCondition } from "./unparse.ts";

/** A condition on the value of one path. A necessary one: where it is false, the rule cannot hold. */
export interface Leaf {
  readonly path: string;
  /** Equal conditions have equal names, whichever rule they come from. */
  readonly name: string;
  /** Set where text is only compared with literals. */
  readonly literal?: Literal;
  /** Set where it only asks whether there is a value. */
  readonly presence?: true;
  /** How often it could not be decided so far; not there where that does not happen. */
  faults?: number;
  /** May the row go on? True also where the condition cannot be decided. */
  test(value: unknown): boolean;
}

/** What must hold of a row before an expression on it is worth evaluating. */
export type Filter =
  | { readonly kind: "leaf"; readonly leaf: Leaf; readonly whole?: boolean }
  /** `whole` says that it is all that the expression says, so that a row for which it was decided needs no further look. */
  | { readonly kind: "and" | "or"; readonly parts: readonly Filter[]; readonly whole?: boolean }
  /** Nothing can be told in advance. */
  | { readonly kind: "any" };

const any: Filter = { kind: "any" };

export interface FilterOptions {
  readonly patterns?: Readonly<Record<string, string>>;
  readonly lists?: ListTests;
}

/**
 * Derives the necessary conditions of an expression. Sound because CEL's `&&` is false when one operand is false
 * and `||` is true only when one is true, whatever faults the other operands have.
 */
export function filterOf(expr: Expr, options: FilterOptions = {}): Filter {
  if (expr.kind === "logical") {
    // Part by part, because parts can be looked for together with those of other rules; as a whole where that tells nothing.
    const filter = filterOfParts(expr, options);
    if (filter !== any) return filter;
  }
  const leaf = leafOf(expr, options);
  return leaf ? { kind: "leaf", leaf, whole: true } : any;
}

/** Whether a filter is all that an expression says. */
export const isWhole = (filter: Filter): boolean => filter.kind !== "any" && filter.whole === true;

function filterOfParts(expr: Extract<Expr, { kind: "logical" }>, options: FilterOptions): Filter {
  const parts = expr.operands.map((operand) => filterOf(operand, options));
  const whole = parts.every(isWhole);
  if (expr.operator === "||") return parts.includes(any) ? any : { kind: "or", parts, whole };
  const known = parts.filter((part) => part !== any);
  return known.length === 0 ? any : { kind: "and", parts: known, whole };
}

/** All of a list of leaves, and what else must hold. */
export function allOf(leaves: readonly Leaf[], more?: Filter): Filter {
  const parts = [...leaves.map((leaf): Filter => ({ kind: "leaf", leaf })), ...(more ? [more] : [])];
  return parts.length === 0 ? any : { kind: "and", parts };
}

/** One value of one path as a document, so that a program runs on it without an event. */
class ValueDoc implements Doc {
  readonly #path: string;
  value: unknown;
  constructor(path: string) {
    this.#path = path;
  }
  get(path: string): unknown {
    return path === this.#path ? this.value : undefined;
  }
}

function leafOf(expr: Expr, options: FilterOptions): Leaf | undefined {
  const source = unparseCondition(expr);
  if (source === undefined) return undefined;
  try {
    const program = compileCel(source, options);
    const [path] = program.paths;
    if (path === undefined || program.paths.length !== 1) return undefined;
    const doc = new ValueDoc(path);
    const evaluate = (value: unknown): boolean => {
      doc.value = value;
      try {
        return program.test(doc);
      } catch {
        // A fault here may or may not be one of the whole expression; the row is evaluated in full.
        leaf.faults++;
        return true;
      }
    };
    const leaf = { path, name: source, test: evaluate, faults: 0 };
    if (expr.kind === "call" && expr.name === "exists" && !expr.target)
      return Object.assign(leaf, { presence: true as const });
    const literal = literalOf(expr, options.patterns);
    return literal ? Object.assign(leaf, { literal }) : leaf;
  } catch {
    // What does not survive being written back is left to the full evaluation.
    return undefined;
  }
}

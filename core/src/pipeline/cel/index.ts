import { searchRegex } from "../patterns/index.ts";
import type { Expr } from "./ast.ts";
import { Compiler } from "./compile.ts";
import type { Doc } from "./doc.ts";
import { CelRuntimeError, type Place, placeAt } from "./errors.ts";
import { ArgumentFault } from "./functions.ts";
import { MAX_VISITS, visits } from "./macros.ts";
import { parseCel } from "./parser.ts";

export type { Expr } from "./ast.ts";
export { type Doc, docOf, ObjectDoc } from "./doc.ts";
export { CelError, CelRuntimeError, type Place } from "./errors.ts";
export { celFunctions } from "./functions.ts";
export { anyNeedle } from "./needles.ts";
export { addressBytes, compileCidr } from "./net.ts";
export { parseCel } from "./parser.ts";

/** How an expression is compiled. */
export interface CelOptions {
  /** Named patterns for `{{.name}}` in regular expressions; the default patterns when left out. */
  readonly patterns?: Readonly<Record<string, string>>;
  /**
   * Lenient by default: an absent field is an absent value, comparisons with it are false, whole numbers and
   * doubles compare, a result that is not boolean is false. Strict makes each of these a fault.
   */
  readonly strict?: boolean;
  /** Lists for `onList()`, by name. Without them it is never true. */
  readonly lists?: ListTests;
}

/** Lists that are kept elsewhere and may change while an expression is in use. */
export interface ListTests {
  readonly names: readonly string[];
  /** A test for a list as it is at the time of the call; undefined where there is no list of the name. */
  test(name: string): ((text: string) => boolean) | undefined;
}

/** The test of a list. Throws where there is none of the name. */
function listOf(lists: ListTests, name: string): (text: string) => boolean {
  const test = lists.test(name);
  if (test) return test;
  const known = lists.names.length === 0 ? "and there are none" : lists.names.join(", ");
  throw new ArgumentFault(`the list must be one of collector.intel.lists (${known})`);
}

/** Something an author should know, though the expression runs. */
export interface CelWarning extends Place {
  readonly message: string;
}

/** A compiled expression. */
export interface CelProgram {
  readonly source: string;
  /** The parsed expression, for indexes over rules. */
  readonly ast: Expr;
  /** Literal paths that it reads, each once. */
  readonly paths: readonly string[];
  readonly warnings: readonly CelWarning[];
  readonly strict: boolean;
  /** True when the result is true. Throws CelRuntimeError on a fault such as a division by zero. */
  test(doc: Doc): boolean;
  /** The result; undefined when it is absent. */
  evaluate(doc: Doc): unknown;
}

/** Compiles an expression. Throws CelError with line, column and, where it can, a suggestion. */
export function compileCel(source: string, options: CelOptions = {}): CelProgram {
  const ast = parseCel(source);
  const { lists } = options;
  const paths = new Set<string>();
  const warnings: CelWarning[] = [];
  const compiler = new Compiler({
    source,
    strict: options.strict ?? false,
    regex: (pattern) => searchRegex(pattern, options.patterns).test,
    list: lists && ((name) => listOf(lists, name)),
    warn: (message, at) => warnings.push({ message, ...placeAt(source, at) }),
    reads: (path) => paths.add(path),
  });
  const run = compiler.compile(ast);
  const { slots } = compiler;
  const none: unknown[] = [];
  const evaluate = (doc: Doc): unknown => {
    if (slots === 0) return run(doc, none);
    visits.left = MAX_VISITS;
    return run(doc, new Array<unknown>(slots));
  };
  const lenient = slots === 0 ? (doc: Doc) => run(doc, none) === true : (doc: Doc) => evaluate(doc) === true;
  const strict = (doc: Doc): boolean => {
    const result = evaluate(doc);
    if (typeof result !== "boolean") throw new CelRuntimeError("The result is neither true nor false.");
    return result;
  };
  return {
    source,
    ast,
    paths: [...paths],
    warnings,
    strict: options.strict ?? false,
    evaluate,
    test: options.strict ? strict : lenient,
  };
}

import { compilePath, PathError } from "../paths/index.ts";
import { PatternError } from "../patterns/index.ts";
import type { Call, Expr, Literal } from "./ast.ts";
import { compileRead, type Doc } from "./doc.ts";
import {
  ArgumentFault,
  aliases,
  type FunctionContext,
  inList,
  type PathFunction,
  pathFunctions,
} from "./functions.ts";
import { kindOf, numberOf } from "./values.ts";

/** A compiled expression: no parsing and no lookup by name is left. */
export type Evaluate = (doc: Doc, variables: unknown[]) => unknown;

/** What the compiler lends to the functions. */
export interface Host extends FunctionContext {
  compile(expr: Expr): Evaluate;
  fail(message: string, at: number, suggestion?: string): never;
  warn(message: string, at: number): void;
  /** Notes that the expression reads this path. */
  reads(path: string): void;
  /** True for a name that a macro binds at this place. */
  bound(name: string): boolean;
}

type ReadField = (doc: Doc, variables: unknown[]) => unknown;

function rootOf(expr: Expr): Expr {
  let node = expr;
  while (node.kind === "select" || node.kind === "index") node = node.object;
  return node;
}

function dotted(expr: Expr): string {
  if (expr.kind === "select") return `${dotted(expr.object)}.${expr.field}`;
  return expr.kind === "ident" ? expr.name : "path";
}

function compileField(call: Call, host: Host): ReadField {
  const [first] = call.args;
  if (!first) return host.fail(`${call.name}() needs a path in quotes.`, call.at);
  if (first.kind === "literal") {
    if (typeof first.value !== "string")
      host.fail(`The first argument of ${call.name}() is a path in quotes.`, first.at);
    try {
      const path = compilePath(first.value as string);
      host.reads(path.text);
      return compileRead(path);
    } catch (error) {
      if (!(error instanceof PathError)) throw error;
      return host.fail(error.message, first.at);
    }
  }
  const root = rootOf(first);
  if (root.kind === "ident" && !host.bound(root.name)) {
    host.fail(
      `The first argument of ${call.name}() is a path in quotes, not a value.`,
      root.at,
      `Write "${dotted(first)}".`,
    );
  }
  const evaluate = host.compile(first);
  return (doc, variables) => {
    const path = evaluate(doc, variables);
    return typeof path === "string" ? doc.get(path) : undefined;
  };
}

/** The value of a literal or of a list of literals; undefined for anything that is only known per document. */
function constantOf(expr: Expr): { readonly value: unknown } | undefined {
  if (expr.kind === "literal") return { value: expr.value };
  if (expr.kind !== "list" || !expr.items.every((item): item is Literal => item.kind === "literal"))
    return undefined;
  return { value: expr.items.map((item) => item.value) };
}

const wrongArguments = (spec: PathFunction, name: string): string => `${name}() is called as ${spec.usage}.`;

function compileTest(call: Call, spec: PathFunction, host: Host): Evaluate {
  const read = compileField(call, host);
  const rest = call.args.slice(1);
  const constants = rest.map(constantOf);
  if (constants.every((constant) => constant !== undefined)) {
    try {
      const test = spec.prepare(
        constants.map((constant) => constant.value),
        host,
      );
      return (doc, variables) => {
        const field = read(doc, variables);
        return field !== undefined && test(field);
      };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (
        error instanceof ArgumentFault &&
        rest.some((arg) => arg.kind === "literal" || arg.kind === "list")
      ) {
        const kinds = constants.map((constant) => kindOf(constant.value)).join(", ");
        if (/must be/.test(why))
          host.fail(
            `${wrongArguments(spec, call.name)} Here ${why}${why.startsWith("the list must") ? "" : `, not ${kinds}`}.`,
            rest[0]!.at,
          );
      }
      const hint = error instanceof PatternError && error.suggestion ? ` ${error.suggestion}` : "";
      host.warn(
        `${call.name}() is never true here: ${why.replace(/\.$/, "")}.${hint}`,
        rest[0]?.at ?? call.at,
      );
      return () => false;
    }
  }
  const values = rest.map((arg) => host.compile(arg));
  return (doc, variables) => {
    const field = read(doc, variables);
    if (field === undefined) return false;
    const args = values.map((value) => value(doc, variables));
    if (args.includes(undefined)) return false;
    try {
      return spec.prepare(args, host)(field);
    } catch {
      return false;
    }
  };
}

function compileSafe(call: Call, host: Host): Evaluate {
  if (call.args.length !== 2) host.fail('safe() is called as safe("path", default).', call.at);
  const read = compileField(call, host);
  const fallback = host.compile(call.args[1]!);
  return (doc, variables) => {
    const field = read(doc, variables);
    const otherwise = fallback(doc, variables);
    if (field === undefined) return otherwise;
    if (typeof otherwise === "number") return numberOf(field) ?? otherwise;
    return typeof field === typeof otherwise ? field : otherwise;
  };
}

/** Names of all functions that take a path, the older ones included. */
export const pathFunctionNames: readonly string[] = [
  "exists",
  "safe",
  "inList",
  ...Object.keys(pathFunctions),
  ...Object.keys(aliases),
];

/** Compiles a call of one of the EventProcessor's functions; undefined when the name is none of them. */
export function compilePathFunction(call: Call, host: Host): Evaluate | undefined {
  if (call.name === "safe") return compileSafe(call, host);
  if (call.name === "exists") {
    if (call.args.length !== 1) host.fail('exists() is called as exists("path").', call.at);
    const read = compileField(call, host);
    return (doc, variables) => read(doc, variables) !== undefined;
  }
  const name = Object.hasOwn(aliases, call.name) ? aliases[call.name]! : call.name;
  const spec =
    name === "inList" ? inList : Object.hasOwn(pathFunctions, name) ? pathFunctions[name] : undefined;
  if (!spec) return undefined;
  if (call.args.length !== spec.arity + 1) host.fail(wrongArguments(spec, call.name), call.at);
  return compileTest(call, spec, host);
}

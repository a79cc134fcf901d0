import { messageOf } from "@vedette/sdk";
import { didYouMean } from "../../config/index.ts";
import { compilePath, readKey } from "../paths/index.ts";
import { PatternError } from "../patterns/index.ts";
import { arithmetic } from "./arithmetic.ts";
import type { Binary, Call, Expr, Logical } from "./ast.ts";
import { compilePathFunction, type Evaluate, type Host, pathFunctionNames } from "./compile-function.ts";
import { compileRead } from "./doc.ts";
import { dottedPath } from "./dotted-path.ts";
import { CelError, CelRuntimeError, placeAt } from "./errors.ts";
import { compileMacro } from "./macros.ts";
import { globals, methods, type ValueFunction } from "./methods.ts";
import { celCompare, celEquals, celOrders, kindOf } from "./values.ts";

/** What an expression is compiled with. */
export interface CompileContext {
  readonly source: string;
  readonly strict: boolean;
  regex(source: string): (text: string) => boolean;
  list?: ((name: string) => (text: string) => boolean) | undefined;
  warn(message: string, at: number): void;
  reads(path: string): void;
}

const functionNames = [...pathFunctionNames, ...Object.keys(globals), "matches", "has"];
const methodNames = [...Object.keys(methods), "matches", "all", "exists", "exists_one", "filter", "map"];

/** Turns a parsed expression into closures. One compiler serves one expression. */
export class Compiler implements Host {
  readonly #context: CompileContext;
  readonly #scope: string[] = [];
  readonly list?: (name: string) => (text: string) => boolean;
  /** How many macro variables are alive at once at most. */
  slots = 0;

  constructor(context: CompileContext) {
    this.#context = context;
    if (context.list) this.list = context.list;
  }

  regex(source: string): (text: string) => boolean {
    return this.#context.regex(source);
  }
  warn(message: string, at: number): void {
    this.#context.warn(message, at);
  }
  reads(path: string): void {
    this.#context.reads(path);
  }
  bound(name: string): boolean {
    return this.#scope.includes(name);
  }
  fail(message: string, at: number, suggestion?: string): never {
    throw new CelError(message, placeAt(this.#context.source, at), suggestion);
  }

  compile(expr: Expr): Evaluate {
    switch (expr.kind) {
      case "literal": {
        const { value } = expr;
        return () => value;
      }
      case "ident":
      case "select":
      case "index":
        return this.#access(expr);
      case "has": {
        const operand = this.#access(expr.operand, true);
        return (doc, variables) => operand(doc, variables) !== undefined;
      }
      case "list": {
        const items = expr.items.map((item) => this.compile(item));
        return (doc, variables) => items.map((item) => item(doc, variables));
      }
      case "map":
        return this.#map(expr.entries);
      case "unary":
        return expr.operator === "!" ? this.#not(expr.operand) : this.#negate(expr.operand);
      case "logical":
        return this.#logical(expr);
      case "binary":
        return this.#binary(expr);
      case "conditional": {
        const condition = this.#condition(expr.condition, "?");
        const then = this.compile(expr.then);
        const otherwise = this.compile(expr.otherwise);
        return (doc, variables) =>
          condition(doc, variables) ? then(doc, variables) : otherwise(doc, variables);
      }
      case "macro": {
        const range = this.compile(expr.range);
        const slot = this.#scope.push(expr.variable) - 1;
        this.slots = Math.max(this.slots, slot + 1);
        const condition = expr.condition && this.#condition(expr.condition, expr.name);
        const body = expr.name === "map" ? this.compile(expr.body) : this.#condition(expr.body, expr.name);
        this.#scope.pop();
        return compileMacro(expr.name, slot, range, body, condition);
      }
      case "call":
        return this.#call(expr);
    }
  }

  #access(expr: Expr, presence = false): Evaluate {
    const text = dottedPath(expr, (name) => this.bound(name));
    if (text !== undefined) {
      const path = compilePath(text);
      this.#context.reads(text);
      const read = compileRead(path);
      if (!this.#context.strict || presence) return read;
      return (doc) => {
        const value = read(doc);
        if (value === undefined) throw new CelRuntimeError(`"${text}" is absent.`);
        return value;
      };
    }
    if (expr.kind === "ident") {
      const slot = this.#scope.lastIndexOf(expr.name);
      return (_doc, variables) => variables[slot];
    }
    if (expr.kind === "select") {
      const object = this.compile(expr.object);
      const { field } = expr;
      return (doc, variables) => readKey(object(doc, variables), field);
    }
    if (expr.kind !== "index") return this.compile(expr);
    const object = this.compile(expr.object);
    const index = this.compile(expr.index);
    return (doc, variables) => {
      const key = index(doc, variables);
      return typeof key === "string" || typeof key === "number"
        ? readKey(object(doc, variables), String(key))
        : undefined;
    };
  }

  #map(entries: readonly { readonly key: Expr; readonly value: Expr }[]): Evaluate {
    const compiled = entries.map(({ key, value }) => [this.compile(key), this.compile(value)] as const);
    return (doc, variables) => {
      const made: Record<string, unknown> = Object.create(null);
      for (const [key, value] of compiled) made[String(key(doc, variables))] = value(doc, variables);
      return made;
    };
  }

  /** Compiles an operand that must be true or false. Absent counts as false unless strict. */
  #condition(expr: Expr, operator: string): (doc: Parameters<Evaluate>[0], variables: unknown[]) => boolean {
    const evaluate = this.compile(expr);
    const { strict } = this.#context;
    return (doc, variables) => {
      const value = evaluate(doc, variables);
      if (typeof value === "boolean") return value;
      if (value === undefined && !strict) return false;
      throw new CelRuntimeError(`"${operator}" needs true or false, not a ${kindOf(value)}.`);
    };
  }

  #not(expr: Expr): Evaluate {
    const operand = this.#condition(expr, "!");
    return (doc, variables) => !operand(doc, variables);
  }

  #negate(expr: Expr): Evaluate {
    const operand = this.compile(expr);
    return (doc, variables) => {
      const value = operand(doc, variables);
      if (value === undefined) return undefined;
      if (typeof value !== "number") throw new CelRuntimeError(`"-" needs a number, not a ${kindOf(value)}.`);
      return -value;
    };
  }

  #logical({ operator, operands }: Logical): Evaluate {
    const conditions = operands.map((operand) => this.#condition(operand, operator));
    const decisive = operator === "||";
    return (doc, variables) => {
      // As CEL has it: a fault in one operand does not matter when another one decides.
      let fault: unknown;
      for (const condition of conditions) {
        try {
          if (condition(doc, variables) === decisive) return decisive;
        } catch (error) {
          fault ??= error;
        }
      }
      if (fault !== undefined) throw fault;
      return !decisive;
    };
  }

  #binary(expr: Binary): Evaluate {
    const left = this.compile(expr.left);
    const right = this.compile(expr.right);
    const { strict } = this.#context;
    const { operator } = expr;
    switch (operator) {
      case "==":
      case "!=": {
        const equal = operator === "==";
        return (doc, variables) => {
          const a = left(doc, variables);
          const b = right(doc, variables);
          // Absent equals null and nothing else; every other comparison with it is false.
          if (a === undefined || b === undefined) return equal && (a ?? null) === (b ?? null);
          if (strict && a !== null && b !== null && typeof a !== typeof b) {
            throw new CelRuntimeError(`"${operator}" compares a ${kindOf(a)} with a ${kindOf(b)}.`);
          }
          return celEquals(a, b) === equal;
        };
      }
      case "<":
      case "<=":
      case ">":
      case ">=": {
        const holds = celOrders[operator];
        return (doc, variables) => {
          const a = left(doc, variables);
          const b = right(doc, variables);
          const order = a === undefined || b === undefined ? undefined : celCompare(a, b);
          if (order === undefined) {
            if (strict)
              throw new CelRuntimeError(`"${operator}" compares a ${kindOf(a)} with a ${kindOf(b)}.`);
            return false;
          }
          return holds(order);
        };
      }
      case "in":
        return (doc, variables) => {
          const item = left(doc, variables);
          const range = right(doc, variables);
          if (item === undefined || range === undefined) return false;
          if (Array.isArray(range)) return range.some((candidate) => celEquals(item, candidate));
          if (typeof range === "object" && range !== null) return readKey(range, String(item)) !== undefined;
          throw new CelRuntimeError(`"in" needs a list or a map, not a ${kindOf(range)}.`);
        };
      default: {
        const whole = !(isDouble(expr.left) || isDouble(expr.right));
        const calculate = arithmetic(operator, whole);
        return (doc, variables) => {
          const a = left(doc, variables);
          const b = right(doc, variables);
          return a === undefined || b === undefined ? undefined : calculate(a, b);
        };
      }
    }
  }

  #call(call: Call): Evaluate {
    if (call.name === "matches" && call.args.length === (call.target ? 1 : 2)) return this.#matches(call);
    if (!call.target) {
      const own = compilePathFunction(call, this);
      if (own) return own;
    }
    const table = call.target ? methods : globals;
    const spec: ValueFunction | undefined = Object.hasOwn(table, call.name) ? table[call.name] : undefined;
    if (!spec) {
      const meant = didYouMean(call.name, call.target ? methodNames : functionNames);
      return this.fail(`Unknown ${call.target ? "method" : "function"} "${call.name}".`, call.at, meant);
    }
    if (call.args.length !== spec.arity) this.fail(`${call.name}() is called as ${spec.usage}.`, call.at);
    const values = [...(call.target ? [call.target] : []), ...call.args].map((arg) => this.compile(arg));
    return (doc, variables) => {
      const args = values.map((value) => value(doc, variables));
      return args.includes(undefined) ? undefined : spec.call(args);
    };
  }

  #matches(call: Call): Evaluate {
    const [target, pattern] = (call.target ? [call.target, ...call.args] : call.args) as [Expr, Expr];
    const read = this.compile(target);
    if (pattern.kind === "literal" && typeof pattern.value === "string") {
      const source = pattern.value;
      let test: (text: string) => boolean;
      try {
        test = this.#context.regex(source);
      } catch (error) {
        return this.fail(
          `matches() cannot use this. ${messageOf(error)}`,
          pattern.at,
          error instanceof PatternError ? error.suggestion : undefined,
        );
      }
      return (doc, variables) => {
        const value = read(doc, variables);
        return typeof value === "string" ? test(value) : undefined;
      };
    }
    const source = this.compile(pattern);
    return (doc, variables) => {
      const value = read(doc, variables);
      const regex = source(doc, variables);
      if (typeof value !== "string" || typeof regex !== "string") return undefined;
      try {
        return this.#context.regex(regex)(value);
      } catch {
        throw new CelRuntimeError("matches() got a wrong regular expression.");
      }
    };
  }
}

/** True for an operand that is certainly a double, so that `/` does not cut the fraction. */
function isDouble(expr: Expr): boolean {
  if (expr.kind === "literal") return expr.double === true;
  if (expr.kind === "call") return expr.name === "double";
  return expr.kind === "binary" && (isDouble(expr.left) || isDouble(expr.right));
}

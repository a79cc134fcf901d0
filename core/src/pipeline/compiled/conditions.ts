import type { Call, Expr } from "../cel/ast.ts";
import { pathFunctionNames } from "../cel/compile-function.ts";
import { dottedPath } from "../cel/dotted-path.ts";
import { aliases, inList, pathFunctions } from "../cel/functions.ts";
import type { CelProgram } from "../cel/index.ts";
import { celCompare, celEquals, celOrders, numberOf } from "../cel/values.ts";
import { pathOf as compiledPath, splitPath } from "../paths/index.ts";
import { type Patterns, searchRegex } from "../patterns/index.ts";
import { Automaton } from "../regex/index.ts";
import { type Emitter, quoted } from "./emitter.ts";
import { kinds, type Slot } from "./layout.ts";
import { either, sliceEnds, sliceHolds, sliceIs, sliceStarts } from "./slices.ts";

/** True for an expression that reads nothing but fields with plain literal paths. */
export function readsOnlyFields({ ast, paths }: CelProgram): boolean {
  const plain = (expr: unknown): boolean => {
    if (typeof expr !== "object" || expr === null) return true;
    const node = expr as Partial<Call>;
    const isPathCall = node.kind === "call" && !node.target && pathFunctionNames.includes(node.name ?? "");
    if (isPathCall && node.args?.[0]?.kind !== "literal") return false;
    return Object.values(expr).every(plain);
  };
  return plain(ast) && !paths.some((path) => compiledPath(path).query);
}

/** Top-level fields of which an expression only asks whether they are there. */
export function askedOnly({ ast, paths }: CelProgram): string[] {
  const used = new Set<string>();
  const walk = (expr: unknown): void => {
    if (typeof expr !== "object" || expr === null) return;
    const node = expr as Partial<Expr>;
    if (node.kind === "call" && !node.target) {
      const [first] = node.args ?? [];
      const path = first?.kind === "literal" ? first.value : undefined;
      if (typeof path === "string" && node.name !== "exists") used.add(path);
    }
    if (node.kind === "ident") used.add(node.name ?? "");
    const isField = node.kind === "select" || (node.kind === "index" && node.index?.kind === "literal");
    if (isField && node.object?.kind === "ident") return;
    for (const part of Object.values(expr)) walk(part);
  };
  walk(ast);
  return paths.filter((path) => splitPath(path).length === 1 && !used.has(path));
}

/** Source of a condition that is true or false. `throws`: it may fail, so its order among others matters. */
export interface Test {
  readonly source: string;
  readonly throws: boolean;
}

const sure = (source: string): Test => ({ source, throws: false });

/** The path of a chain of plain keys; undefined where it has to be looked for in an object. */
function plainPathOf(expr: Expr): string | undefined {
  const path = dottedPath(expr);
  return path === undefined || compiledPath(path).query ? undefined : path;
}

function constantOf(expr: Expr): { readonly value: unknown } | undefined {
  if (expr.kind === "literal") return { value: expr.value };
  if (expr.kind !== "list") return undefined;
  const items = expr.items.map(constantOf);
  return items.every((item) => item !== undefined) && expr.items.every((item) => item.kind === "literal")
    ? { value: items.map((item) => item.value) }
    : undefined;
}

const orders = { "<": "< 0", "<=": "<= 0", ">": "> 0", ">=": ">= 0" } as const;
const bounds: Readonly<Record<string, string>> = {
  lessThan: "<",
  greaterThan: ">",
  lessOrEqual: "<=",
  greaterOrEqual: ">=",
};

/** How texts are looked for in a slice. */
const searches: Readonly<Record<string, typeof sliceStarts>> = {
  startsWith: sliceStarts,
  endsWith: sliceEnds,
  contains: sliceHolds,
};

/** A text that no number and no boolean equals. */
const isPlain = (value: unknown): value is string =>
  typeof value === "string" && numberOf(value) === undefined && value !== "true" && value !== "false";

/** Writes conditions as source over slots. What it does not know it leaves to the interpreter's closures. */
export class ConditionWriter {
  readonly #emitter: Emitter;
  readonly #patterns: Patterns;

  constructor(emitter: Emitter, patterns: Patterns) {
    this.#emitter = emitter;
    this.#patterns = patterns;
  }

  /** A condition as source; undefined where it has to be evaluated as it is. */
  write(program: CelProgram): Test | undefined {
    return program.strict ? undefined : this.#test(program.ast);
  }

  #test(expr: Expr): Test | undefined {
    switch (expr.kind) {
      case "literal":
        return typeof expr.value === "boolean" ? sure(String(expr.value)) : undefined;
      case "has": {
        const path = plainPathOf(expr.operand);
        return path === undefined ? undefined : sure(`${this.#there(path)} !== undefined`);
      }
      case "unary": {
        const operand = expr.operator === "!" ? this.#test(expr.operand) : undefined;
        return operand && { source: `!(${operand.source})`, throws: operand.throws };
      }
      case "logical": {
        const operands = expr.operands.map((operand) => this.#test(operand));
        // A fault counts only where no other operand decides, which plain source says of the last one only.
        if (!operands.every((test, at) => test && (!test.throws || at === operands.length - 1)))
          return undefined;
        const source = operands.map((test) => `(${test!.source})`).join(` ${expr.operator} `);
        return { source, throws: operands.at(-1)!.throws };
      }
      case "binary":
        return this.#compare(expr.left, expr.operator, expr.right);
      case "call":
        return expr.target ? undefined : this.#call(expr);
      default:
        return undefined;
    }
  }

  #read(path: string): string {
    return this.#emitter.read(splitPath(path));
  }

  #there(path: string): string {
    return this.#emitter.there(splitPath(path));
  }

  #slice(path: string): Slot | undefined {
    return this.#emitter.slice(splitPath(path));
  }

  /** True where a field is one of some texts. */
  #is(path: string, texts: readonly string[]): string {
    const field = this.#there(path);
    const slot = this.#slice(path);
    const plain = texts.map((text) => `${field} === ${quoted(text)}`).join(" || ");
    if (!slot) return plain;
    const slices = texts.map((text) => `(${sliceIs(this.#emitter, slot, text)})`).join(" || ");
    return either(slot, slices, plain);
  }

  #compare(left: Expr, operator: string, right: Expr): Test | undefined {
    const path = plainPathOf(left);
    const constant = constantOf(right);
    if (path === undefined || constant === undefined) return undefined;
    const field = this.#read(path);
    const { value } = constant;
    if (operator === "in") {
      if (!Array.isArray(value)) return undefined;
      const holds = (item: unknown): boolean =>
        item !== undefined && value.some((candidate) => celEquals(item, candidate));
      return sure(`${this.#emitter.ref(holds)}(${field})`);
    }
    if (right.kind !== "literal") return undefined;
    if (operator === "==" || operator === "!=") {
      const equal = operator === "==";
      if (value === null) return sure(equal ? `(${field} ?? null) === null` : `(${field} ?? null) !== null`);
      const holds = (item: unknown): boolean => item !== undefined && celEquals(item, value) === equal;
      if (equal && typeof value === "string" && !/^\d{1,20}$/.test(value))
        return sure(this.#is(path, [value]));
      return sure(`${this.#emitter.ref(holds)}(${field})`);
    }
    if (!Object.hasOwn(orders, operator)) return undefined;
    const isOrdered = celOrders[operator as keyof typeof celOrders];
    const holds = (item: unknown): boolean => {
      const order = item === undefined ? undefined : celCompare(item, value);
      if (order === undefined) return false;
      return isOrdered(order);
    };
    return sure(this.#ordered(path, operator, value, this.#emitter.ref(holds)));
  }

  /** A comparison with a number is plain where the field holds one. */
  #ordered(path: string, operator: string, bound: unknown, holds: string): string {
    const field = this.#there(path);
    if (typeof bound !== "number" || !Number.isFinite(bound)) return `${holds}(${this.#read(path)})`;
    return `(typeof ${field} === "number" ? ${field} ${operator} ${bound} : ${field} !== undefined && ${holds}(${this.#read(path)}))`;
  }

  #call(call: Call): Test | undefined {
    const [first, ...rest] = call.args;
    if (first?.kind !== "literal" || typeof first.value !== "string") return undefined;
    const path = first.value;
    if (compiledPath(path).query) return undefined;
    const there = this.#emitter.layout.presence.get(path);
    if (there !== undefined) return call.name === "exists" && rest.length === 0 ? sure(there) : undefined;
    const field = this.#read(path);
    if (call.name === "exists")
      return rest.length === 0 ? sure(`${this.#there(path)} !== undefined`) : undefined;
    const name = Object.hasOwn(aliases, call.name) ? aliases[call.name]! : call.name;
    const spec =
      name === "inList" ? inList : Object.hasOwn(pathFunctions, name) ? pathFunctions[name] : undefined;
    const constants = rest.map(constantOf);
    if (!spec || constants.length !== spec.arity || !constants.every((each) => each !== undefined))
      return undefined;
    const args = constants.map((constant) => constant.value);
    let holds: (field: unknown) => boolean;
    let automaton: Automaton | undefined;
    try {
      const regex = (source: string) => {
        const search = searchRegex(source, this.#patterns);
        automaton = search.tree && Automaton.of(search.tree, true);
        return search.test;
      };
      holds = spec.prepare(args, { regex });
    } catch {
      // The function is never true with this argument; the author was told when it was compiled.
      return sure("false");
    }
    const inline = this.#inline(name, path, args[0], holds);
    if (inline !== undefined) return sure(inline);
    const test =
      name === "regexMatch"
        ? this.#remembered(field, holds)
        : `${field} !== undefined && ${this.#emitter.ref(holds)}(${field})`;
    const slot = this.#slice(path);
    if (!slot || !automaton) return { source: test, throws: name === "regexMatch" };
    const found = `${this.#emitter.ref(automaton)}.test(B, ${slot.name}a, ${slot.name}b)`;
    return { source: either(slot, `(${found} ?? (${test}))`, test), throws: true };
  }

  /** A test that is not made again for the value before: reformatted times, above all, are the same object for many rows. */
  #remembered(field: string, holds: unknown): string {
    const value = this.#emitter.memory("undefined");
    const last = this.#emitter.memory("undefined");
    const answer = this.#emitter.memory("false");
    const test = `(${answer} = ${this.#emitter.ref(holds)}(${value}), ${last} = ${value}, ${answer})`;
    return `(${value} = ${field}) !== undefined && (${value} === ${last} ? ${answer} : ${test})`;
  }

  /** The usual functions spelled out. */
  #inline(name: string, path: string, argument: unknown, holds: unknown): string | undefined {
    if (name === "equals" && isPlain(argument)) return this.#is(path, [argument]);
    if (name === "oneOf" && Array.isArray(argument) && argument.length > 0) {
      if (argument.length <= 8 && argument.every(isPlain)) return this.#is(path, argument);
      if (argument.every((item) => typeof item === "number" && Number.isFinite(item))) {
        const field = this.#there(path);
        const equal = argument.map((item) => `${field} === ${item}`).join(" || ");
        return `(typeof ${field} === "number" ? ${equal} : ${field} !== undefined && ${this.#emitter.ref(holds)}(${this.#read(path)}))`;
      }
    }
    if (Object.hasOwn(bounds, name))
      return this.#ordered(path, bounds[name]!, argument, this.#emitter.ref(holds));
    const search = Object.hasOwn(searches, name) ? searches[name] : undefined;
    return search && this.#searched(path, argument, search, name === "startsWith", holds);
  }

  /** A search for one of few texts. */
  #searched(
    path: string,
    argument: unknown,
    search: typeof sliceStarts,
    atStart: boolean,
    holds: unknown,
  ): string | undefined {
    const needles = Array.isArray(argument) ? argument.map((item: string) => item.trim()) : [argument];
    if (needles.length > 12 || !needles.every((needle) => typeof needle === "string" && needle !== ""))
      return undefined;
    const field = this.#there(path);
    const slot = this.#slice(path);
    const others = `${field} !== undefined && ${this.#emitter.ref(holds)}(${field})`;
    const plain = atStart ? this.#startsPlainly(path, needles as string[]) : others;
    if (!slot) return atStart ? plain : undefined;
    const slices = (needles as string[]).map((needle) => `(${search(this.#emitter, slot, needle)})`);
    return either(slot, slices.join(" || "), plain);
  }

  #startsPlainly(path: string, needles: readonly string[]): string {
    const field = this.#there(path);
    const onlyText = (this.#emitter.types(splitPath(path)) & ~(kinds.text | kinds.absent)) === 0;
    const isText = onlyText ? `${field} !== undefined` : `typeof ${field} === "string"`;
    const tests = needles.map((needle) => {
      const first = `${field}.charCodeAt(0) === ${needle.charCodeAt(0)}`;
      return needle.length === 1 ? first : `${first} && ${field}.startsWith(${quoted(needle)})`;
    });
    return `${isText} && (${tests.join(" || ")})`;
  }
}

import { type BinaryOperator, type Expr, type Macro, macroNames } from "./ast.ts";
import { CelError, placeAt } from "./errors.ts";
import { type Token, tokenize, words } from "./lexer.ts";

/** Longest expression, in characters. */
export const MAX_LENGTH = 65_536;
/** Deepest nesting of brackets, calls and operators. */
export const MAX_NESTING = 128;
/** Longest list or map literal. */
export const MAX_LITERAL_ITEMS = 10_000;

/** Longest chain of one arithmetic level, or of field accesses. */
const MAX_CHAIN = 256;

const levels: readonly (readonly BinaryOperator[])[] = [
  ["==", "!=", "<", "<=", ">", ">=", "in"],
  ["+", "-"],
  ["*", "/", "%"],
];
const reserved = new Set(
  "as break const continue else for function if import let loop package namespace return var void while in".split(
    " ",
  ),
);

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #nesting = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  parse(): Expr {
    const expr = this.#expression();
    const rest = this.#peek();
    if (rest.kind !== "end")
      this.#failWord(`Unexpected ${this.#show(rest)} after the end of the expression.`, rest);
    return expr;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #take(): Token {
    const token = this.#tokens[this.#next]!;
    if (token.kind !== "end") this.#next++;
    return token;
  }

  #show(token: Token): string {
    return token.kind === "end" ? "end of the expression" : JSON.stringify(token.text);
  }

  #fail(message: string, at: number, suggestion?: string): never {
    throw new CelError(message, placeAt(this.#source, at), suggestion);
  }

  /** Fails at a token, and says how CEL writes `and`, `or` and `not` where it or the one before is such a word. */
  #failWord(message: string, token: Token): never {
    const before = this.#tokens[this.#next - 1];
    const word = [token, before].find(
      (each) => each?.kind === "name" && Object.hasOwn(words, each.text.toLowerCase()),
    );
    this.#fail(message, token.at, word && `Write ${words[word.text.toLowerCase()]} instead of ${word.text}.`);
  }

  #is(text: string): boolean {
    const token = this.#peek();
    return token.text === text && (token.kind === "punctuation" || token.kind === "name");
  }

  #accept(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#next++;
    return true;
  }

  #expect(text: string, why: string): void {
    if (!this.#accept(text)) {
      const token = this.#peek();
      this.#fail(`Expected "${text}" ${why}, found ${this.#show(token)}.`, token.at);
    }
  }

  #nested<T>(parse: () => T): T {
    if (++this.#nesting > MAX_NESTING)
      this.#fail(`The expression is nested deeper than ${MAX_NESTING} levels.`, this.#peek().at);
    const value = parse();
    this.#nesting--;
    return value;
  }

  #expression(): Expr {
    return this.#nested(() => {
      const condition = this.#logical("||");
      const { at } = this.#peek();
      if (!this.#accept("?")) return condition;
      const then = this.#logical("||");
      this.#expect(":", 'after the first branch of "?"');
      return { kind: "conditional", at, condition, then, otherwise: this.#expression() };
    });
  }

  #logical(operator: "||" | "&&"): Expr {
    const operand = () => (operator === "||" ? this.#logical("&&") : this.#binary(0));
    const { at } = this.#peek();
    const first = operand();
    if (!this.#is(operator)) return first;
    const operands = [first];
    while (this.#accept(operator)) operands.push(operand());
    return { kind: "logical", at, operator, operands };
  }

  #binary(level: number): Expr {
    const operators = levels[level];
    if (!operators) return this.#unary();
    let left = this.#binary(level + 1);
    for (let length = 0; ; length++) {
      if (length > MAX_CHAIN) this.#fail(`More than ${MAX_CHAIN} operators in a row.`, this.#peek().at);
      const token = this.#peek();
      const operator = operators.find((candidate) => this.#is(candidate));
      if (operator === undefined || token.kind === "string") return left;
      this.#next++;
      left = { kind: "binary", at: token.at, operator, left, right: this.#binary(level + 1) };
    }
  }

  #unary(): Expr {
    const token = this.#peek();
    if (token.kind === "punctuation" && (token.text === "!" || token.text === "-")) {
      this.#next++;
      const operand = this.#nested(() => this.#unary());
      if (token.text === "-" && operand.kind === "literal" && typeof operand.value === "number") {
        return { ...operand, at: token.at, value: -operand.value };
      }
      return { kind: "unary", at: token.at, operator: token.text, operand };
    }
    return this.#member();
  }

  #member(): Expr {
    let expr = this.#primary();
    for (let length = 0; ; length++) {
      if (length > MAX_CHAIN) this.#fail(`More than ${MAX_CHAIN} fields in a row.`, this.#peek().at);
      const { at } = this.#peek();
      if (this.#accept(".")) {
        const name = this.#take();
        if (name.kind !== "name")
          this.#fail(`Expected a field name after ".", found ${this.#show(name)}.`, name.at);
        expr = this.#accept("(")
          ? this.#methodOrMacro(expr, name)
          : { kind: "select", at: name.at, object: expr, field: name.text };
      } else if (this.#accept("[")) {
        const index = this.#expression();
        this.#expect("]", "to close the index");
        expr = { kind: "index", at, object: expr, index };
      } else return expr;
    }
  }

  #methodOrMacro(target: Expr, name: Token): Expr {
    const args = this.#list(")", "to close the arguments");
    const macro = macroNames.find((candidate) => candidate === name.text);
    if (!macro) return { kind: "call", at: name.at, name: name.text, target, args };
    const [variable, ...bodies] = args;
    if (variable?.kind !== "ident" || bodies.length < 1 || bodies.length > (macro === "map" ? 2 : 1)) {
      this.#fail(
        `"${macro}" takes a variable name and an expression, such as list.${macro}(x, x == 1).`,
        name.at,
      );
    }
    const [first, second] = bodies as [Expr, Expr?];
    const node: Macro = {
      kind: "macro",
      at: name.at,
      name: macro,
      range: target,
      variable: variable.name,
      body: second ?? first,
    };
    return second ? { ...node, condition: first } : node;
  }

  #list(close: string, why: string): Expr[] {
    const items: Expr[] = [];
    while (!this.#is(close)) {
      items.push(this.#expression());
      if (items.length > MAX_LITERAL_ITEMS)
        this.#fail(`A list has more than ${MAX_LITERAL_ITEMS} elements.`, this.#peek().at);
      if (!this.#accept(",")) break;
    }
    this.#expect(close, why);
    return items;
  }

  #primary(): Expr {
    const token = this.#take();
    const { at, text } = token;
    switch (token.kind) {
      case "string":
        return { kind: "literal", at, value: text };
      case "int":
        return { kind: "literal", at, value: Number(text), double: false };
      case "double":
        return { kind: "literal", at, value: Number(text), double: true };
      case "name":
        return this.#name(token);
      case "end":
        return this.#fail("The expression ends too early.", at);
      case "punctuation":
        break;
    }
    if (text === "(") {
      const expr = this.#expression();
      this.#expect(")", "to close the bracket");
      return expr;
    }
    if (text === "[") return { kind: "list", at, items: this.#list("]", "to close the list") };
    if (text === "{") return this.#map(at);
    if (text === "." && this.#peek().kind === "name") return this.#name(this.#take());
    return this.#fail(`Unexpected ${this.#show(token)}.`, at);
  }

  #map(at: number): Expr {
    const entries: { key: Expr; value: Expr }[] = [];
    while (!this.#is("}")) {
      const key = this.#expression();
      this.#expect(":", "after a map key");
      entries.push({ key, value: this.#expression() });
      if (entries.length > MAX_LITERAL_ITEMS)
        this.#fail(`A map has more than ${MAX_LITERAL_ITEMS} entries.`, this.#peek().at);
      if (!this.#accept(",")) break;
    }
    this.#expect("}", "to close the map");
    return { kind: "map", at, entries };
  }

  #name({ text, at }: Token): Expr {
    if (text === "true" || text === "false") return { kind: "literal", at, value: text === "true" };
    if (text === "null") return { kind: "literal", at, value: null };
    if (reserved.has(text)) this.#fail(`"${text}" is a reserved word.`, at);
    if (!this.#accept("(")) return { kind: "ident", at, name: text };
    const args = this.#list(")", "to close the arguments");
    const [operand] = args;
    if (text !== "has") return { kind: "call", at, name: text, args };
    if (
      args.length !== 1 ||
      (operand?.kind !== "select" && operand?.kind !== "index" && operand?.kind !== "ident")
    ) {
      this.#fail("has() takes one field, such as has(log.user).", at);
    }
    return { kind: "has", at, operand };
  }
}

/** Parses an expression. Throws CelError with line and column. */
export function parseCel(source: string): Expr {
  if (source.length > MAX_LENGTH) {
    throw new CelError(`The expression is longer than ${MAX_LENGTH} characters.`, { line: 1, column: 1 });
  }
  return new Parser(source).parse();
}

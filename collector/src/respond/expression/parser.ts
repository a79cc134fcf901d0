import { didYouMean } from "@vedette/core/config";
import { searchRegex } from "@vedette/core/pipeline";
import { messageOf } from "@vedette/sdk";
import {
  type Comparison,
  comparisons,
  type Expression,
  type FunctionName,
  functionNames,
  type Operator,
} from "./ast.ts";
import { placeAt, SyntaxFault } from "./errors.ts";
import { type Token, tokenize } from "./lexer.ts";

const maxDepth = 100;
/** Chains of AND and OR are as deep as they are long. */
const maxOperators = 2_000;
const constants: Readonly<Record<string, null | boolean>> = { true: true, false: false, null: null };
/** Other ways to write an operator. */
const synonyms: Readonly<Record<string, string>> = { "&&": "AND", "||": "OR", "!": "NOT", matches: "=~" };
const arity: Readonly<Record<FunctionName, readonly [least: number, most: number]>> = {
  length: [1, 1],
  is_defined: [1, 1],
  if_error: [1, 2],
};

/** Reads an expression. Throws SyntaxFault, which has the place of the mistake. */
export function parseExpression(text: string): Expression {
  return new Parser(text).parse();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #operators = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  parse(): Expression {
    const expression = this.#or();
    const rest = this.#peek();
    if (rest.kind !== "end")
      throw this.#fault(
        `${shown(rest)} is not expected here.`,
        rest,
        rest.kind === "word" ? didYouMean(rest.text, ["AND", "OR", ...comparisons]) : undefined,
      );
    return expression;
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  /** The operator that a token stands for; words in any case. */
  #operator(token: Token): string | undefined {
    if (token.kind === "punctuation") return synonyms[token.text] ?? token.text;
    if (token.kind !== "word") return undefined;
    const upper = token.text.toUpperCase();
    if (upper === "AND" || upper === "OR" || upper === "NOT") return upper;
    return synonyms[token.text.toLowerCase()] ?? token.text.toLowerCase();
  }

  #or(): Expression {
    return this.#chain("OR", () => this.#chain("AND", () => this.#not()));
  }

  #chain(op: Operator, operand: () => Expression): Expression {
    let left = operand();
    while (this.#operator(this.#peek()) === op) {
      if (++this.#operators > maxOperators)
        throw this.#fault(`An expression has at most ${maxOperators} times AND and OR.`, this.#peek());
      this.#at++;
      left = { type: "binary", op, left, right: operand(), at: left.at };
    }
    return left;
  }

  #not(): Expression {
    const token = this.#peek();
    if (this.#operator(token) !== "NOT") return this.#comparison();
    this.#at++;
    return this.#deeper(token, () => ({ type: "unary", op: "NOT", right: this.#not(), at: token.at }));
  }

  #comparison(): Expression {
    const left = this.#primary();
    const token = this.#peek();
    const op = this.#operator(token) as Comparison;
    if (!comparisons.includes(op)) return left;
    this.#at++;
    const right = this.#primary();
    if (left.type === "regexp" || (right.type === "regexp" && op !== "=~" && op !== "!~"))
      throw this.#fault(
        "A regular expression stands right of =~ or !~ only.",
        left.type === "regexp" ? left : right,
      );
    return { type: "binary", op, left, right, at: left.at };
  }

  #primary(): Expression {
    const token = this.#peek();
    this.#at++;
    const { at } = token;
    switch (token.kind) {
      case "string":
        return { type: "literal", value: token.text, at };
      case "number":
        return { type: "literal", value: token.value, at };
      case "reference":
        return { type: "variable", path: token.path, at };
      case "regexp":
        try {
          searchRegex(token.text, {});
        } catch (error) {
          throw this.#fault(messageOf(error), token);
        }
        return { type: "regexp", regexp: token.text, at };
      case "word":
        return this.#word(token);
      case "punctuation":
        if (token.text === "(") {
          const inner = this.#deeper(token, () => this.#or());
          this.#expect(")");
          return inner;
        }
        if (token.text === "[")
          return this.#deeper(token, () => ({ type: "array", elements: this.#list("]"), at }));
        break;
    }
    throw this.#fault(
      token.kind === "end" ? "The expression ends too early." : `${shown(token)} is not expected here.`,
      token,
      'Expected is a variable {{[Step].[field]}}, a value such as "text", 1, true or null, or a function.',
    );
  }

  #word(token: Token): Expression {
    const lower = token.text.toLowerCase();
    if (Object.hasOwn(constants, lower)) return { type: "literal", value: constants[lower]!, at: token.at };
    const next = this.#peek();
    const name = functionNames.find((each) => each === lower);
    if (next.text !== "(" || next.kind !== "punctuation") {
      const hint =
        name === undefined
          ? `A variable is written {{[${token.text}].[field]}}, a text "${token.text}".`
          : `Write ${name}(…).`;
      throw this.#fault(`Unknown word ${JSON.stringify(token.text)}.`, token, hint);
    }
    if (!name)
      throw this.#fault(
        `Unknown function ${JSON.stringify(token.text)}.`,
        token,
        didYouMean(token.text, functionNames),
      );
    this.#at++;
    const args = this.#deeper(token, () => this.#list(")"));
    const [least, most] = arity[name];
    if (args.length < least || args.length > most)
      throw this.#fault(
        `${name} takes ${least === most ? least : `${least} or ${most}`} values, here are ${args.length}.`,
        token,
      );
    if (name === "is_defined" && args[0]!.type !== "variable")
      throw this.#fault("is_defined takes a variable.", args[0]!, "Write is_defined({{[Step].[field]}}).");
    return { type: "function", name, args, at: token.at };
  }

  /** Elements separated by commas up to the closing bracket, which is taken. */
  #list(close: ")" | "]"): Expression[] {
    const elements: Expression[] = [];
    if (this.#accept(close)) return elements;
    do elements.push(this.#or());
    while (this.#accept(","));
    this.#expect(close);
    return elements;
  }

  #accept(text: string): boolean {
    const token = this.#peek();
    if (token.kind !== "punctuation" || token.text !== text) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (this.#accept(text)) return;
    const token = this.#peek();
    throw this.#fault(`${text} is missing${token.kind === "end" ? "" : ` before ${shown(token)}`}.`, token);
  }

  #deeper<T>(token: Token, work: () => T): T {
    if (++this.#depth > maxDepth)
      throw this.#fault(`An expression is nested at most ${maxDepth} deep.`, token);
    const made = work();
    this.#depth--;
    return made;
  }

  #fault(message: string, { at }: { readonly at: number }, suggestion?: string): SyntaxFault {
    return new SyntaxFault(message, placeAt(this.#text, at), suggestion);
  }
}

const shown = (token: Token): string =>
  token.kind === "end" ? "The end" : JSON.stringify(token.text.slice(0, 60));

import { didYouMean } from "@vedette/core/config";
import { placeAt, readPath, SyntaxFault } from "../expression/index.ts";
import {
  type BlockHelper,
  blockHelpers,
  dataNames,
  type InlineHelper,
  inlineHelpers,
  type Node,
  type Operand,
  type Path,
} from "./ast.ts";
import { type Piece, scan } from "./scan.ts";

/** Longest template, in characters. */
const maxLength = 262_144;
const maxDepth = 50;

type Tag = Extract<Piece, { kind: "tag" }>;

/** Reads a template. Throws SyntaxFault, which has the place of the mistake. */
export function parseTemplate(text: string): readonly Node[] {
  if (text.length > maxLength)
    throw new SyntaxFault(`A template has at most ${maxLength} characters.`, { line: 1, column: 1 });
  return new Parser(text).parse();
}

const arity: Readonly<Record<BlockHelper | InlineHelper, number>> = {
  each: 1,
  if: 1,
  unless: 1,
  with: 1,
  equal: 2,
  lookup: 2,
  log: 1,
};

class Parser {
  readonly #text: string;
  readonly #pieces: readonly Piece[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#pieces = scan(text);
  }

  parse(): readonly Node[] {
    const { nodes, end } = this.#nodes(0);
    if (end)
      throw this.#fault(
        `There is no block that ${end.sigil === "/" ? `{{/${end.content.trim()}}} closes` : "this else belongs to"}.`,
        end.at,
      );
    return nodes;
  }

  /** Nodes up to a closing tag or an else, which is taken and given back. */
  #nodes(depth: number): { nodes: Node[]; end: Tag | undefined } {
    const nodes: Node[] = [];
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at++]!;
      if (piece.kind === "text") nodes.push(piece);
      else if (piece.sigil === "/" || isElse(piece)) return { nodes, end: piece };
      else if (piece.sigil === "#") nodes.push(this.#block(piece, depth + 1));
      else nodes.push({ kind: "value", operand: this.#value(piece) });
    }
    return { nodes, end: undefined };
  }

  #block(tag: Tag, depth: number): Node {
    if (depth > maxDepth) throw this.#fault(`Blocks are nested at most ${maxDepth} deep.`, tag.at);
    const { helper, args, names } = this.#head(tag, tag.at);
    const { node, end } = this.#rest(tag, helper, args, names, depth);
    if (end?.content.trim() !== helper)
      throw this.#fault(
        `The block {{#${helper}}} ends with ${written(end)}.`,
        end?.at ?? tag.at,
        `Write {{/${helper}}}.`,
      );
    return node;
  }

  /** What follows the opening tag: the body, and after `else` the rest. */
  #rest(
    tag: Tag,
    helper: BlockHelper,
    args: readonly Operand[],
    names: readonly string[],
    depth: number,
  ): { node: Node; end: Tag | undefined } {
    const body = this.#nodes(depth);
    const block = { kind: "block" as const, helper, args, names, body: body.nodes };
    const { end } = body;
    if (!end) throw this.#fault(`The block {{#${helper}}} is not closed.`, tag.at, `Write {{/${helper}}}.`);
    if (!isElse(end)) return { node: { ...block, otherwise: [] }, end };
    const more = end.sigil === "^" ? "" : end.content.trim().replace(/^else\b\s*/, "");
    if (more !== "") {
      if (depth >= maxDepth) throw this.#fault(`Blocks are nested at most ${maxDepth} deep.`, end.at);
      const at = end.at + end.content.indexOf(more);
      const head = this.#head({ ...end, content: more }, at);
      const nested = this.#rest(end, head.helper, head.args, head.names, depth + 1);
      // One closing tag ends the whole chain, and it is the first block's.
      return { node: { ...block, otherwise: [nested.node] }, end: nested.end };
    }
    const otherwise = this.#nodes(depth);
    if (otherwise.end && isElse(otherwise.end)) throw this.#fault("A block has one else.", otherwise.end.at);
    return { node: { ...block, otherwise: otherwise.nodes }, end: otherwise.end };
  }

  #head(tag: Tag, at: number): { helper: BlockHelper; args: Operand[]; names: string[] } {
    const reader = new Operands(this.#text, tag.content, at);
    const word = reader.word();
    const helper = blockHelpers.find((each) => each === word);
    if (!helper)
      throw this.#fault(`Unknown block ${JSON.stringify(word)}.`, at, didYouMean(word, blockHelpers));
    const { args, names } = reader.rest();
    this.#count(helper, args, at);
    if (names.length > 0 && helper !== "each" && helper !== "with")
      throw this.#fault("Names after as |…| belong to each and with.", at);
    return { helper, args, names };
  }

  #value(tag: Tag): Operand {
    const reader = new Operands(this.#text, tag.content, tag.at);
    const { args, names } = new Operands(this.#text, tag.content, tag.at).rest();
    if (args.length === 0) throw this.#fault("The braces are empty.", tag.at);
    if (names.length > 0) throw this.#fault("Names after as |…| belong to each and with.", tag.at);
    if (args.length === 1) return args[0]!;
    const word = reader.word();
    const helper = inlineHelpers.find((each) => each === word);
    if (!helper)
      throw this.#fault(
        `Unknown helper ${JSON.stringify(word)}.`,
        tag.at,
        didYouMean(word, inlineHelpers) ??
          "A name with spaces is written in brackets: {{[My Step].[field]}}.",
      );
    const values = args.slice(1);
    this.#count(helper, values, tag.at);
    return { kind: "call", helper, args: values };
  }

  #count(helper: BlockHelper | InlineHelper, args: readonly Operand[], at: number): void {
    if (args.length === arity[helper] || (helper === "log" && args.length > 0)) return;
    throw this.#fault(`${helper} takes ${arity[helper]} values, here are ${args.length}.`, at);
  }

  #fault(message: string, at: number, suggestion?: string): SyntaxFault {
    return new SyntaxFault(message, placeAt(this.#text, at), suggestion);
  }
}

const isElse = (tag: Tag): boolean =>
  tag.sigil === "^" ? tag.content.trim() === "" : tag.sigil === "" && /^\s*else\b/.test(tag.content);

const written = (tag: Tag | undefined): string =>
  tag === undefined ? "the template" : `{{${tag.sigil}${tag.content.trim()}}}`;

const SPACE = /\s*/y;
const STRING = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/sy;
const NUMBER = /-?[0-9]+(?:\.[0-9]+)?(?=[\s)]|$)/y;
const WORD = /[A-Za-z_][\w-]*/y;
const CONSTANT = /(?:true|false|null|undefined)(?=[\s)]|$)/y;
const NAMES = /as\s*\|([^|]*)\|\s*$/y;
const constants: Readonly<Record<string, boolean | null>> = { true: true, false: false };

/** Reads the values inside a tag. */
class Operands {
  readonly #whole: string;
  readonly #content: string;
  readonly #base: number;
  #at = 0;

  constructor(whole: string, content: string, base: number) {
    this.#whole = whole;
    this.#content = content;
    this.#base = base;
  }

  word(): string {
    this.#take(SPACE);
    return this.#take(WORD)?.[0] ?? this.#content.trim().split(/\s/)[0] ?? "";
  }

  rest(): { args: Operand[]; names: string[] } {
    const args: Operand[] = [];
    for (;;) {
      this.#take(SPACE);
      if (this.#at >= this.#content.length) return { args, names: [] };
      const names = this.#take(NAMES)?.[1];
      if (names !== undefined) return { args, names: names.trim().split(/\s+/).filter(Boolean) };
      args.push(this.#operand(0));
    }
  }

  #operand(depth: number): Operand {
    const start = this.#at;
    const string = this.#take(STRING);
    if (string) return { kind: "literal", value: (string[1] ?? string[2]!).replaceAll(/\\(.)/gs, "$1") };
    const number = this.#take(NUMBER)?.[0];
    if (number !== undefined) return { kind: "literal", value: Number(number) };
    const constant = this.#take(CONSTANT)?.[0];
    if (constant !== undefined) return { kind: "literal", value: constants[constant] ?? null };
    if (this.#content[start] === "(") return this.#call(depth);
    return this.#path(start);
  }

  #call(depth: number): Operand {
    const start = this.#at;
    if (depth >= 10) throw this.#fault("Parentheses are nested at most 10 deep.", start);
    this.#at++;
    const word = this.word();
    const helper = inlineHelpers.find((each) => each === word);
    if (!helper)
      throw this.#fault(`Unknown helper ${JSON.stringify(word)}.`, start, didYouMean(word, inlineHelpers));
    const args: Operand[] = [];
    for (;;) {
      this.#take(SPACE);
      if (this.#content[this.#at] === ")") break;
      if (this.#at >= this.#content.length) throw this.#fault(") is missing.", start);
      args.push(this.#operand(depth + 1));
    }
    this.#at++;
    if (args.length !== arity[helper])
      throw this.#fault(`${helper} takes ${arity[helper]} values, here are ${args.length}.`, start);
    return { kind: "call", helper, args };
  }

  #path(start: number): Path {
    const at = this.#base + start;
    let up = 0;
    while (this.#content.startsWith("../", this.#at)) {
      up++;
      this.#at += 3;
    }
    const own =
      up > 0 || /\.(?![.\w$[])|\.\/|this(?![\w-])/y.test(this.#content.slice(this.#at, this.#at + 5));
    if (this.#content.startsWith("./", this.#at)) this.#at += 2;
    else if (/^\.(?![.\w$[])/.test(this.#content.slice(this.#at, this.#at + 2))) {
      this.#at++;
      return { kind: "path", at, up, own: true, segments: [] };
    }
    const isData = this.#content[this.#at] === "@";
    if (isData) this.#at++;
    const read = readPath(this.#content, this.#at);
    if (!read) {
      if (up > 0) return { kind: "path", at, up, own: true, segments: [] };
      const char = JSON.stringify(this.#content[this.#at] ?? "");
      throw this.#fault(`Unexpected ${char}.`, this.#at);
    }
    if (this.#content[read.end] === "=")
      throw this.#fault("Named values (name=value) are not supported.", start);
    this.#at = read.end;
    if (!isData) {
      const segments = read.path[0] === "this" ? read.path.slice(1) : read.path;
      return { kind: "path", at, up, own: own || segments !== read.path, segments };
    }
    const [name = "", ...segments] = read.path;
    const data = dataNames.find((each) => each === name);
    if (!data) throw this.#fault(`Unknown name "@${name}".`, start, didYouMean(name, dataNames));
    return { kind: "path", at, up: 0, own: false, data, segments };
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#content);
    if (!match) return undefined;
    this.#at += match[0].length;
    return match;
  }

  #fault(message: string, at: number, suggestion?: string): SyntaxFault {
    return new SyntaxFault(message, placeAt(this.#whole, this.#base + at), suggestion);
  }
}

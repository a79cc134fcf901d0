import { placeAt, SyntaxFault } from "./errors.ts";
import { readReference } from "./reference.ts";

export type Token = { readonly at: number; readonly end: number } & (
  | { readonly kind: "word" | "punctuation" | "string" | "regexp" | "end"; readonly text: string }
  | { readonly kind: "number"; readonly value: number; readonly text: string }
  | { readonly kind: "reference"; readonly path: readonly string[]; readonly text: string }
);

/** Longest expression, in characters. */
const maxLength = 65_536;

const SPACE = /\s+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const PUNCTUATION = /&&|\|\||==|!=|>=|<=|=~|!~|[=<>!()[\],]/y;
const ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|(.))/sy;

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", "0": "\0" };
const hints: Readonly<Record<string, string>> = {
  "“": 'Write straight quotes: "text".',
  "”": 'Write straight quotes: "text".',
  "‘": "Write straight quotes: 'text'.",
  "’": "Write straight quotes: 'text'.",
  "&": "Write AND.",
  "|": "Write OR.",
  "{": "A variable has two braces: {{[Step].[field]}}.",
};

/** Cuts an expression into tokens; the last one is `end`. Throws SyntaxFault. */
export function tokenize(text: string): Token[] {
  if (text.length > maxLength)
    throw new SyntaxFault(`An expression has at most ${maxLength} characters.`, { line: 1, column: 1 });
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(SPACE, text, at)?.length ?? 0;
    const token = tokenAt(text, at);
    tokens.push(token);
    if (token.kind === "end") return tokens;
    at = token.end;
  }
}

function tokenAt(text: string, at: number): Token {
  if (at >= text.length) return { kind: "end", text: "", at, end: at };
  if (text.startsWith("{{", at)) {
    const { path, end } = readReference(text, at);
    return { kind: "reference", path, text: text.slice(at, end), at, end };
  }
  const first = text[at]!;
  if (first === '"' || first === "'") return readString(text, at, first);
  if (first === "/") return readRegexp(text, at);
  const word = matchAt(WORD, text, at);
  if (word !== undefined) return { kind: "word", text: word, at, end: at + word.length };
  const number = matchAt(NUMBER, text, at);
  if (number !== undefined)
    return { kind: "number", text: number, value: Number(number), at, end: at + number.length };
  const punctuation = matchAt(PUNCTUATION, text, at);
  if (punctuation !== undefined)
    return { kind: "punctuation", text: punctuation, at, end: at + punctuation.length };
  const char = String.fromCodePoint(text.codePointAt(at)!);
  throw new SyntaxFault(`Unexpected character ${JSON.stringify(char)}.`, placeAt(text, at), hints[char]);
}

function readString(text: string, start: number, quote: string): Token {
  let value = "";
  let at = start + 1;
  for (;;) {
    const char = text[at];
    if (char === undefined)
      throw new SyntaxFault("The text is not closed.", placeAt(text, start), `Write ${quote} after it.`);
    if (char === quote) return { kind: "string", text: value, at: start, end: at + 1 };
    if (char !== "\\") {
      value += char;
      at++;
      continue;
    }
    ESCAPE.lastIndex = at;
    const escaped = ESCAPE.exec(text);
    if (!escaped) throw new SyntaxFault("The text is not closed.", placeAt(text, start));
    const [whole, code, letter = ""] = escaped;
    value +=
      code === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16));
    at += whole.length;
  }
}

/** `\/` is a slash; every other escape is the regular expression's own. */
function readRegexp(text: string, start: number): Token {
  let source = "";
  for (let at = start + 1; at < text.length && text[at] !== "\n"; at++) {
    if (text[at] === "/") return { kind: "regexp", text: source, at: start, end: at + 1 };
    if (text[at] === "\\" && at + 1 < text.length) {
      source += text[at + 1] === "/" ? "/" : `\\${text[at + 1]}`;
      at++;
    } else source += text[at];
  }
  throw new SyntaxFault("The regular expression is not closed.", placeAt(text, start), "Write / after it.");
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

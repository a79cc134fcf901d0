import { CelError, placeAt } from "./errors.ts";
import { readString } from "./strings.ts";

export interface Token {
  readonly kind: "name" | "int" | "double" | "string" | "punctuation" | "end";
  /** Names and punctuation as written, strings with escapes resolved, numbers as digits. */
  readonly text: string;
  readonly at: number;
}

const SPACE = /(?:[ \t\r\n\f]+|\/\/[^\n]*)*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER =
  /0[xX][0-9a-fA-F]+[uU]?|(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|[0-9]+[uU]?)/y;
const PUNCTUATION = /&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()[\]{}]/y;
const STRING = /([rR]?)("""|'''|"|')/y;
const BYTES = /[rR]?[bB][rR]?["']/y;

/** What other languages write. */
export const words: Readonly<Record<string, string>> = { and: "&&", or: "||", not: "!" };

const hints: Readonly<Record<string, string>> = { "=": "==", "&": "&&", "|": "||" };

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

/** Cuts an expression into tokens. Throws CelError on a character or literal that CEL does not know. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(SPACE, source, at)?.[0].length ?? 0;
    if (at >= source.length) {
      tokens.push({ kind: "end", text: "", at: source.length });
      return tokens;
    }
    if (matchAt(BYTES, source, at))
      throw new CelError("Byte strings are not supported.", placeAt(source, at), "Leave out the b.");
    const opening = matchAt(STRING, source, at);
    if (opening) {
      const { value, end } = readString(source, at, opening[1] !== "", opening[2]!);
      tokens.push({ kind: "string", text: value, at });
      at = end;
      continue;
    }
    const name = matchAt(NAME, source, at)?.[0];
    const number = name === undefined ? matchAt(NUMBER, source, at)?.[0] : undefined;
    const text = name ?? number ?? matchAt(PUNCTUATION, source, at)?.[0];
    if (text === undefined) {
      const char = String.fromCodePoint(source.codePointAt(at)!);
      const hint = hints[char];
      throw new CelError(
        `Unexpected character ${JSON.stringify(char)}.`,
        placeAt(source, at),
        hint && `Write ${hint}.`,
      );
    }
    if (number !== undefined) {
      const kind = /^0[xX]|^[0-9]+[uU]?$/.test(number) ? "int" : "double";
      tokens.push({ kind, text: number.replace(/[uU]$/, ""), at });
    } else tokens.push({ kind: name === undefined ? "punctuation" : "name", text, at });
    at += text.length;
  }
}

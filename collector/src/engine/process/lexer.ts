import { refused } from "./errors.ts";

/** A piece of SQL that is neither space nor comment. `text` is lower case for words, the plain name for quoted names. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "sign";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const SPACE = /[ \t\n\v\f\r]/;
const WORD_START = /[A-Za-z_]/;
const WORD = /[A-Za-z0-9_]/;
const DIGIT = /[0-9]/;
const SIGN = /[!%&()*+,\-./:;<=>?@[\]^{|}~#]/;

/**
 * Cuts SQL into tokens by the rules of the ClickHouse lexer: `--`, `#` and block comments, `''`, `""` and backtick
 * quotes with backslash and doubled-quote escapes.
 * It decides about access, so it must not read a text in another way than the engine does: what could be read in two
 * ways — heredocs, letters and quotes outside ASCII, control characters, escapes in names — is refused.
 * Lazy, so a caller that stops at `FORMAT` never reads the data behind it.
 */
export function* tokens(sql: string): Generator<Token> {
  let at = 0;
  while (at < sql.length) {
    const char = sql[at]!;
    const start = at;
    if (SPACE.test(char)) {
      at++;
    } else if (sql.startsWith("--", at) || (char === "#" && (sql[at + 1] === " " || sql[at + 1] === "!"))) {
      at = lineEnd(sql, at);
    } else if (sql.startsWith("/*", at)) {
      const close = sql.indexOf("*/", at + 2);
      at = close < 0 ? sql.length : close + 2;
    } else if (char === "'") {
      at = quoteEnd(sql, at, "'");
      yield { kind: "string", text: sql.slice(start + 1, at - 1), start, end: at };
    } else if (char === "`" || char === '"') {
      at = quoteEnd(sql, at, char);
      yield { kind: "quoted", text: nameOf(sql.slice(start + 1, at - 1)), start, end: at };
    } else if (WORD_START.test(char)) {
      while (at < sql.length && WORD.test(sql[at]!)) at++;
      yield { kind: "word", text: sql.slice(start, at).toLowerCase(), start, end: at };
    } else if (DIGIT.test(char)) {
      // Digits only: letters behind them become a word of their own, which can only make a reader more careful.
      while (at < sql.length && DIGIT.test(sql[at]!)) at++;
      yield { kind: "number", text: sql.slice(start, at), start, end: at };
    } else if (SIGN.test(char)) {
      at++;
      yield { kind: "sign", text: char, start, end: at };
    } else {
      throw refused(`The character at position ${at + 1} is available only inside quotes.`);
    }
  }
}

function lineEnd(sql: string, from: number): number {
  const end = sql.indexOf("\n", from);
  return end < 0 ? sql.length : end + 1;
}

function quoteEnd(sql: string, from: number, quote: string): number {
  for (let at = from + 1; at < sql.length; at++) {
    if (sql[at] === "\\") at++;
    else if (sql[at] === quote) {
      if (sql[at + 1] === quote) at++;
      else return at + 1;
    }
  }
  return sql.length;
}

/** A name without its escapes; only those of the backslash and the quotes are understood. */
function nameOf(quoted: string): string {
  return quoted.replace(
    /\\(.?)|(["`])\2/gs,
    (_, escaped: string | undefined, doubled: string | undefined) => {
      if (doubled) return doubled;
      if (escaped && /[\\`"']/.test(escaped)) return escaped;
      throw refused("An escape in a name is available only for the backslash and for quotes.");
    },
  );
}

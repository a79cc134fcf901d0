/** A piece of SQL that is neither space nor comment. `text` is lower case for words, the content for quoted names. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "sign";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const SPACE = /[\s\0\u00a0]/;
const WORD_START = /[A-Za-z_]/;
const WORD = /[A-Za-z0-9_]/;
const DIGIT = /[0-9]/;

/**
 * Cuts SQL into tokens by the rules of the ClickHouse lexer: `--`, `#` and block comments, `''`, `""` and backtick
 * quotes with backslash and doubled-quote escapes, and `$tag$` heredocs.
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
      yield { kind: "quoted", text: sql.slice(start + 1, at - 1), start, end: at };
    } else if (char === "$" && heredocEnd(sql, at) > 0) {
      at = heredocEnd(sql, at);
      yield { kind: "string", text: sql.slice(start, at), start, end: at };
    } else if (WORD_START.test(char)) {
      while (at < sql.length && WORD.test(sql[at]!)) at++;
      yield { kind: "word", text: sql.slice(start, at).toLowerCase(), start, end: at };
    } else if (DIGIT.test(char)) {
      while (at < sql.length && /[A-Za-z0-9_.]/.test(sql[at]!)) at++;
      yield { kind: "number", text: sql.slice(start, at), start, end: at };
    } else {
      at++;
      yield { kind: "sign", text: char, start, end: at };
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

function heredocEnd(sql: string, from: number): number {
  const tag = /^\$[A-Za-z0-9_]*\$/.exec(sql.slice(from, from + 66))?.[0];
  if (tag === undefined) return 0;
  const close = sql.indexOf(tag, from + tag.length);
  return close < 0 ? 0 : close + tag.length;
}

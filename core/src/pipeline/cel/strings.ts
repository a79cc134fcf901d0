import { CelError, placeAt } from "./errors.ts";

const simple: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "?": "?",
  '"': '"',
  "'": "'",
  "`": "`",
};

const CODE = /x[0-9a-fA-F]{2}|X[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}/y;

function readEscape(source: string, at: number): { value: string; length: number } {
  const plain = simple[source[at + 1] ?? ""];
  if (plain !== undefined) return { value: plain, length: 2 };
  CODE.lastIndex = at + 1;
  const code = CODE.exec(source)?.[0];
  if (code === undefined) {
    throw new CelError(
      `Unknown escape ${JSON.stringify(source.slice(at, at + 2))} in a string.`,
      placeAt(source, at),
      'Write two backslashes, or a raw string such as r"\\d+".',
    );
  }
  const point = /^[0-3]/.test(code) ? Number.parseInt(code, 8) : Number.parseInt(code.slice(1), 16);
  if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
    throw new CelError("The escape is not a Unicode character.", placeAt(source, at));
  }
  return { value: String.fromCodePoint(point), length: code.length + 1 };
}

/** Reads a string literal that starts at `start`; `quote` is one or three quote characters. */
export function readString(
  source: string,
  start: number,
  raw: boolean,
  quote: string,
): { value: string; end: number } {
  let value = "";
  let at = start + (raw ? 1 : 0) + quote.length;
  let copied = at;
  for (;;) {
    if (at >= source.length || (quote.length === 1 && source[at] === "\n")) {
      throw new CelError(`The string is not closed; ${quote} is missing.`, placeAt(source, start));
    }
    if (source.startsWith(quote, at))
      return { value: value + source.slice(copied, at), end: at + quote.length };
    if (source[at] === "\\" && !raw) {
      const escaped = readEscape(source, at);
      value += source.slice(copied, at) + escaped.value;
      at += escaped.length;
      copied = at;
    } else at++;
  }
}

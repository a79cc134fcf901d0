/** What is done with a pair: its key, its value without quotes, and whether it had quotes. */
type TakePair = (key: string, value: string, quoted: boolean) => void;

/** How quotes end: `plain` at the next equal one, `escaped` at the next one without a backslash before it. */
export type Quotes = "plain" | "escaped";

/** Where the quote that opens at an offset is closed; -1 when it is not. */
function closing(text: string, open: number, quotes: Quotes): number {
  const quote = text[open]!;
  if (quotes === "plain") return text.indexOf(quote, open + 1);
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

const isQuote = (char: string | undefined, quotes: Quotes): boolean =>
  char === '"' || (char === "'" && quotes === "plain");

/**
 * Goes through `key=value` pairs whose values may stand in quotes. Words without a value are passed over. A quote that
 * is never closed goes to the end of the text. Stops after `most` pairs and says whether all were read.
 */
export function quotedPairs(
  text: string,
  { fieldSplit, valueSplit, quotes }: { fieldSplit: string; valueSplit: string; quotes: Quotes },
  most: number,
  take: TakePair,
): boolean {
  let at = 0;
  let cut = -1;
  let count = 0;
  while (at < text.length) {
    if (cut < at) cut = text.indexOf(valueSplit, at);
    if (cut < 0) return true;
    const space = text.indexOf(fieldSplit, at);
    if (space >= 0 && space < cut) {
      at = space + fieldSplit.length;
      continue;
    }
    if (count++ >= most) return false;
    const key = text.slice(at, cut);
    const start = cut + valueSplit.length;
    if (isQuote(text[start], quotes)) {
      const close = closing(text, start, quotes);
      const end = close < 0 ? text.length : close;
      const value = text.slice(start + 1, end);
      take(key, quotes === "escaped" ? value.replace(/\\(["\\])/g, "$1") : value, true);
      at = end + 1;
    } else {
      const next = text.indexOf(fieldSplit, start);
      const end = next < 0 ? text.length : next;
      take(key, text.slice(start, end).trim(), false);
      at = end;
    }
    while (text.startsWith(fieldSplit, at)) at += fieldSplit.length;
  }
  return true;
}

const HEX = /^(?:[0-9A-Fa-f]{2})+$/;

/** The text of UTF-8 in hexadecimal, zero bytes as spaces; undefined where it is none. */
export function textOfHex(value: string): string | undefined {
  return HEX.test(value)
    ? Buffer.from(value, "hex").toString("utf8").replaceAll("\0", " ").trim()
    : undefined;
}

import type { TextTerm } from "./condition.ts";

/** Lower case as ClickHouse's `lower` does it: ASCII letters only. */
export const lower = (text: string): string => text.replace(/[A-Z]+/g, (run) => run.toLowerCase());

/** A character of a token, as the text index splits: ASCII letters and digits, and everything beyond ASCII. */
export const isTokenChar = (char: string | undefined): boolean =>
  char !== undefined && char !== "" && /[A-Za-z0-9\u0080-\u{10ffff}]/u.test(char);

/** The tokens that a matching line must hold whole. Those cut by a wildcard are left out. */
export function wholeTokens(term: TextTerm): string[] {
  const tokens = new Set<string>();
  term.parts.forEach((part, index) => {
    const openStart = index > 0 || !term.wholeStart;
    const openEnd = index < term.parts.length - 1 || !term.wholeEnd;
    for (const found of lower(part).matchAll(/[a-z0-9\u0080-\u{10ffff}]+/gu)) {
      const cutStart = openStart && found.index === 0;
      const cutEnd = openEnd && found.index + found[0].length === part.length;
      if (!cutStart && !cutEnd) tokens.add(found[0]);
    }
  });
  return [...tokens];
}

/** True when the tokens alone decide: the term is one word. */
export const isOneToken = (term: TextTerm): boolean =>
  term.parts.length === 1 &&
  term.wholeStart &&
  term.wholeEnd &&
  /^[A-Za-z0-9\u0080-\u{10ffff}]+$/u.test(term.parts[0]!);

/** The term as a linear-time regular expression (RE2) over the lower-cased line. */
export function refineRegex(term: TextTerm): string {
  const parts = term.parts.map((part) => lower(part));
  const body = parts.map(escapeRegex).join(".*");
  const before = term.wholeStart && isTokenChar(parts[0]![0]) ? "(?:^|[^a-z0-9\\x{80}-\\x{10ffff}])" : "";
  const after =
    term.wholeEnd && isTokenChar(parts.at(-1)!.at(-1)) ? "(?:$|[^a-z0-9\\x{80}-\\x{10ffff}])" : "";
  return `(?s)${before}${body}${after}`;
}

const escapeRegex = (text: string): string =>
  text.replace(
    /[^a-z0-9\u0080-\u{10ffff}]/gu,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );

export interface Wildcard {
  readonly wildcard: "*" | "?";
}
/** Stands for any run of characters. */
export const many: Wildcard = { wildcard: "*" };
/** Stands for exactly one character. */
export const one: Wildcard = { wildcard: "?" };

/** A text with wildcards: literal texts and wildcards in turn. */
export type Pattern = readonly (string | Wildcard)[];

/**
 * Reads a text as Sigma writes it: `*` and `?` are wildcards, a backslash before one of them or before another
 * backslash takes its meaning away, and stands for itself before anything else.
 */
export function parsePattern(text: string): Pattern {
  const parts: (string | Wildcard)[] = [];
  let literal = "";
  const close = (): void => {
    if (literal !== "") parts.push(literal);
    literal = "";
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "\\" && /[*?\\]/.test(text[i + 1] ?? "")) {
      literal += text[i + 1];
      i++;
    } else if (char === "*" || char === "?") {
      close();
      parts.push(char === "*" ? many : one);
    } else literal += char;
  }
  close();
  return parts;
}

/** The text of a pattern without wildcards; undefined where it has one. */
export function plainText(pattern: Pattern): string | undefined {
  if (pattern.length === 0) return "";
  const [only] = pattern;
  return pattern.length === 1 && typeof only === "string" ? only : undefined;
}

/** Applies a change to the literal texts of a pattern. */
export const mapTexts = (pattern: Pattern, change: (text: string) => string): Pattern =>
  pattern.map((part) => (typeof part === "string" ? change(part) : part));

/** The pattern as it would be written: two that differ are written differently, because conditions are told apart by it. */
export const patternText = (pattern: Pattern): string =>
  pattern
    .map((part) => {
      if (typeof part !== "string") return part.wildcard;
      // A backslash at the end would take the meaning of a wildcard behind it.
      return part.replaceAll(/[*?]|\\(?=[*?\\]|$)/g, "\\$&");
    })
    .join("");

/** Without wildcards that say nothing: of several in a row, `*` takes in its like. */
export const simplified = (pattern: Pattern): Pattern =>
  pattern.filter((part, i) => part !== many || pattern[i - 1] !== many);

/** Compiles a pattern to a test of the whole text, in time linear in the text for each of its parts. */
export function compilePattern(given: Pattern): (text: string) => boolean {
  const pattern = simplified(given);
  const starts = pattern[0] === many;
  const ends = pattern.length > 0 && pattern.at(-1) === many;
  const inner = pattern.slice(starts ? 1 : 0, ends ? -1 : undefined);
  const text = plainText(inner);
  if (text !== undefined && (pattern.length > 1 || !starts)) {
    if (starts && ends) return (value) => value.includes(text);
    if (starts) return (value) => value.endsWith(text);
    if (ends) return (value) => value.startsWith(text);
    return (value) => value === text;
  }
  if (pattern.length === 1 && starts) return () => true;
  return glob(pattern);
}

/** Greedy matching with one point to go back to, the last `*`. */
function glob(pattern: Pattern): (text: string) => boolean {
  const tokens = pattern.flatMap((part): (string | Wildcard)[] =>
    typeof part === "string" ? Array.from(part) : [part],
  );
  return (text) => {
    const chars = Array.from(text);
    let token = 0;
    let back = -1;
    let from = 0;
    let at = 0;
    while (at < chars.length) {
      const wanted = tokens[token];
      if (wanted === many) {
        back = token++;
        from = at;
      } else if (wanted === one || wanted === chars[at]) {
        token++;
        at++;
      } else if (back >= 0) {
        token = back + 1;
        at = ++from;
      } else return false;
    }
    while (tokens[token] === many) token++;
    return token === tokens.length;
  };
}

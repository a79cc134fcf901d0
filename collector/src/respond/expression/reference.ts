import { placeAt, SyntaxFault } from "./errors.ts";

/** Longest path of a reference. */
const maxSegments = 64;
const SPACE = /\s*/y;
const BRACKETED = /\[([^[\]]*)\]/y;
const BARE = /[^\s.[\]{}()"',|=!<>]+/y;

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

/** Reads a path such as `[Step].[field].[0]` or `step.field` at an offset; undefined where none begins there. */
export function readPath(
  text: string,
  start: number,
): { readonly path: readonly string[]; readonly end: number } | undefined {
  const path: string[] = [];
  let at = start;
  for (;;) {
    const bracketed = matchAt(BRACKETED, text, at);
    const segment = bracketed?.[1] ?? matchAt(BARE, text, at)?.[0];
    if (segment === undefined || segment === "") {
      if (path.length === 0) return undefined;
      throw new SyntaxFault("A name is missing after the dot.", placeAt(text, at));
    }
    path.push(segment);
    at += bracketed ? bracketed[0].length : segment.length;
    if (path.length > maxSegments)
      throw new SyntaxFault(`A reference has at most ${maxSegments} names.`, placeAt(text, start));
    // A list's element may follow without a dot: field[0].
    if (text[at] === "." && text[at + 1] !== undefined && !/[\s}]/.test(text[at + 1]!)) at++;
    else if (text[at] !== "[") return { path, end: at };
  }
}

/** Reads `{{path}}` at an offset that holds its opening braces. Throws SyntaxFault. */
export function readReference(
  text: string,
  start: number,
): { readonly path: readonly string[]; readonly end: number } {
  const inside = start + 2 + (matchAt(SPACE, text, start + 2)?.[0].length ?? 0);
  const read = readPath(text, inside);
  if (!read)
    throw new SyntaxFault(
      "A reference names a step and a field.",
      placeAt(text, inside),
      "Write {{[Step].[field]}}.",
    );
  const end = read.end + (matchAt(SPACE, text, read.end)?.[0].length ?? 0);
  if (!text.startsWith("}}", end)) {
    const closes = text.indexOf("}}", end);
    throw new SyntaxFault(
      closes < 0 ? "The reference is not closed." : "A reference holds one path only.",
      placeAt(text, closes < 0 ? start : end),
      closes < 0 ? "Write }} after it." : "A name with spaces is written in brackets: {{[My Step].[field]}}.",
    );
  }
  return { path: read.path, end: end + 2 };
}

/** How a path is written in a template or an expression. */
export const writeReference = (path: readonly string[]): string =>
  `{{${path.map((segment) => `[${segment}]`).join(".")}}}`;

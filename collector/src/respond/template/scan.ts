import { placeAt, SyntaxFault } from "../expression/index.ts";

/** A piece of a template: text, or a tag without its braces. */
export type Piece =
  | { readonly kind: "text"; text: string }
  | {
      readonly kind: "tag";
      /** `#` opens a block, `/` closes one, `^` is an else; nothing is a value. */
      readonly sigil: "" | "#" | "/" | "^";
      readonly content: string;
      /** Offset of the content. */
      readonly at: number;
      readonly trimBefore: boolean;
      readonly trimAfter: boolean;
    };

const OPEN = /\\?\{\{\{?/g;
const COMMENT = /\{\{~?!(?:--[\s\S]*?--|[^}]*)~?\}\}/y;

/** Cuts a template into text and tags, with white space taken away where `~` or a tag alone on its line says so. */
export function scan(text: string): Piece[] {
  const pieces: Piece[] = [];
  const put = (piece: string): void => {
    if (piece !== "") pieces.push({ kind: "text", text: piece });
  };
  let at = 0;
  for (;;) {
    OPEN.lastIndex = at;
    const open = OPEN.exec(text);
    put(text.slice(at, open?.index ?? text.length));
    if (!open) break;
    const start = open.index;
    if (open[0].startsWith("\\")) {
      put(open[0].slice(1));
      at = start + open[0].length;
      continue;
    }
    COMMENT.lastIndex = start;
    const comment = COMMENT.exec(text);
    if (comment) {
      const [trimBefore, trimAfter] = [comment[0].startsWith("{{~"), comment[0].endsWith("~}}")];
      pieces.push({ kind: "tag", sigil: "#", content: "!", at: start, trimBefore, trimAfter });
      at = start + comment[0].length;
      continue;
    }
    const { piece, end } = readTag(text, start, open[0].length);
    pieces.push(piece);
    at = end;
  }
  trimStandalone(pieces);
  trimMarked(pieces);
  return pieces.filter((piece) => (piece.kind === "text" ? piece.text !== "" : piece.content !== "!"));
}

/** A tag ends at its braces; those inside quotes or brackets do not count. */
function readTag(text: string, start: number, braces: number): { piece: Piece; end: number } {
  let at = start + braces;
  const trimBefore = text[at] === "~";
  if (trimBefore) at++;
  const mark = text[at] ?? "";
  const sigil: "#" | "/" | "^" | "" = mark === "#" || mark === "/" || mark === "^" ? mark : "";
  if (sigil !== "" || mark === "&") at++;
  if (mark === ">")
    throw new SyntaxFault("Parts of other templates (>) are not supported.", placeAt(text, start));
  const from = at;
  let quote = "";
  for (; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "[") quote = "]";
    else if (text.startsWith("}".repeat(braces), at)) {
      const trimAfter = text[at - 1] === "~";
      const content = text.slice(from, trimAfter ? at - 1 : at);
      const piece = { kind: "tag", sigil, content, at: from, trimBefore, trimAfter } as const;
      return { piece, end: at + braces };
    }
  }
  throw new SyntaxFault(
    "The braces are not closed.",
    placeAt(text, start),
    `Write ${"}".repeat(braces)}, or \\{{ for braces as text.`,
  );
}

/** A block's tag that stands alone on its line takes the line with it. */
function trimStandalone(pieces: Piece[]): void {
  // All are judged on the text as it was written: a line can hold one such tag only.
  const cuts: (() => void)[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === "text" || (piece.sigil === "" && !/^\s*else\b/.test(piece.content))) continue;
    const [before, after] = [pieces[index - 1], pieces[index + 1]];
    if (before?.kind === "tag" || after?.kind === "tag") continue;
    const indent = before ? /(?:^|\n)([ \t]*)$/.exec(before.text)?.[1] : "";
    const rest = after ? /^[ \t]*(?:\r?\n|$)/.exec(after.text)?.[0] : "";
    if (indent === undefined || rest === undefined) continue;
    // A text that does not begin a line begins after another tag.
    if (before && index > 1 && !before.text.includes("\n")) continue;
    if (after && index + 2 < pieces.length && !rest.includes("\n")) continue;
    cuts.push(() => {
      if (before) before.text = before.text.slice(0, before.text.length - indent.length);
      if (after) after.text = after.text.slice(rest.length);
    });
  }
  for (const cut of cuts) cut();
}

function trimMarked(pieces: Piece[]): void {
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === "text") continue;
    const [before, after] = [pieces[index - 1], pieces[index + 1]];
    if (piece.trimBefore && before?.kind === "text") before.text = before.text.trimEnd();
    if (piece.trimAfter && after?.kind === "text") after.text = after.text.trimStart();
  }
}

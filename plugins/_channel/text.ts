import { type Notice, type PieceStyle, textOfPieces } from "@vedette/sdk";

/** A value whose addresses nobody follows by a slip of the finger: `hxxps://`, the usual way to write those of attackers. */
export const defanged = (value: string): string =>
  value
    .replaceAll(/\bhttp(s?):\/\//gi, "hxxp$1://")
    .replaceAll(/\b(www|ftp|mailto|javascript|data)([.:])/gi, "$1[$2]");

/** The text of a notice in parts: title, lines, and where to read on. */
export interface NoticeText {
  readonly title: string;
  readonly lines: readonly string[];
  readonly link: string | undefined;
}

/** Text without any markup: values with addresses that cannot be followed, all else as it is. */
export const plainStyle: PieceStyle = { text: (text) => text, value: defanged };

/** A notice as text in the style of a channel. No part has more than one line. */
export function noticeText(notice: Notice, style: PieceStyle = plainStyle): NoticeText {
  const lineOf = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
  return {
    title: lineOf(textOfPieces(notice.title, style)),
    lines: notice.lines.map((line) => lineOf(textOfPieces(line, style))),
    link: notice.link,
  };
}

/** Lines that fit, and a word about those that do not. Characters count as UTF-16, as the vendors' limits do. */
export function fitting(lines: readonly string[], most: number): string[] {
  const fit: string[] = [];
  let used = 0;
  for (const [index, line] of lines.entries()) {
    if (used + line.length + 1 > most - 40) return [...fit, `… and ${lines.length - index} more lines`];
    fit.push(line);
    used += line.length + 1;
  }
  return fit;
}

/** For HTML as Telegram and Matrix take it. */
export const htmlEscaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

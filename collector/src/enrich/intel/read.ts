import { type List, ListBuilder } from "./list.ts";
import { readValue } from "./value.ts";

/** How the text of a list is read. */
export interface Format {
  readonly format: "text" | "csv";
  /** Column of the value, from 1. */
  readonly column: number;
  /** Column that says until when an entry holds, from 1. */
  readonly expiresColumn?: number | undefined;
  readonly maxEntries: number;
}

/** What was read. */
export interface ReadList {
  readonly list: List;
  readonly entries: number;
  /** Lines that hold no address, network, domain or hash. */
  readonly unread: number;
  /** The first of them, for people. */
  readonly example: string | undefined;
  /** Entries beyond the bound, left out. */
  readonly beyond: number;
}

/** Longest line that is looked at, in characters. */
const maxLine = 4_096;

/** The cells of a line; quotes around a cell are taken off. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|[,;\t])(?:\s*"((?:[^"]|"")*)"\s*|([^,;\t]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.trim() ?? "",
  );

/** Seconds since 1970 of a time such as `2026-01-31T00:00:00Z`, `2026-01-31` or a number of them; 0 where it is none. */
function secondsOf(text: string): number {
  if (/^\d{9,10}$/.test(text)) return Number(text);
  const time = Date.parse(text);
  return Number.isNaN(time) ? 0 : Math.max(1, Math.trunc(time / 1_000));
}

/** Reads a list from pieces of UTF-8. `#`, `;` and `//` begin a comment; of a line of text the first word is the entry. */
export async function readList(
  pieces: AsyncIterable<Uint8Array>,
  { format, column, expiresColumn, maxEntries }: Format,
): Promise<ReadList> {
  const builder = new ListBuilder();
  const decoder = new TextDecoder();
  let entries = 0;
  let unread = 0;
  let beyond = 0;
  let example: string | undefined;
  let rest = "";
  let lines = 0;

  const take = (given: string): void => {
    lines++;
    const line = given.trim();
    if (line === "" || /^(?:[#;]|\/\/)/.test(line)) return;
    const cells =
      format === "csv" ? cellsOf(line.slice(0, maxLine)) : [line.slice(0, maxLine).split(/[\s,;#]/, 1)[0]!];
    const value = readValue(cells[column - 1] ?? "");
    if (value === undefined) {
      // The first line of a table names its columns.
      if (format === "csv" && lines === 1) return;
      unread++;
      example ??= line.slice(0, 100);
    } else if (entries >= maxEntries) beyond++;
    else {
      entries++;
      builder.add(value, expiresColumn === undefined ? 0 : secondsOf(cells[expiresColumn - 1] ?? ""));
    }
  };

  for await (const piece of pieces) {
    const text = rest + decoder.decode(piece, { stream: true });
    const parts = text.split("\n");
    // A line without an end is cut: what is beyond the bound is never looked at.
    rest = parts.pop()!.slice(0, maxLine);
    for (const part of parts) take(part);
  }
  take(rest + decoder.decode());
  return { list: builder.done(), entries, unread, example, beyond };
}

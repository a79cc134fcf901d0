import { createHash } from "node:crypto";
import { badParameter } from "../problem.ts";
import type { Range } from "./time.ts";

/** The last row of a page and the range it was read from, so that a relative range does not move between pages. */
export interface Cursor {
  readonly time: number;
  readonly id: string;
  readonly range: Range;
}

/** What a cursor belongs to; using it with another search is an error, not a wrong page. */
export const searchHash = (parts: unknown): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 12);

export function writeCursor(cursor: Cursor, search: string): string {
  const { time, id, range } = cursor;
  return Buffer.from(JSON.stringify([1, search, time, id, range.from, range.to])).toString("base64url");
}

/** Reads a cursor that `writeCursor` gave for the same search. */
export function readCursor(text: string, search: string): Cursor {
  const parts = parse(text);
  if (parts?.length !== 6 || parts[0] !== 1) throw invalid();
  const [, hash, time, id, from, to] = parts;
  if (hash !== search)
    throw badParameter("cursor", "The cursor belongs to another search.", {
      cure: "Keep every other parameter as it was, or leave the cursor out.",
    });
  const numbers = [time, from, to];
  if (typeof id !== "string" || id.length > 512 || !numbers.every((each) => Number.isSafeInteger(each)))
    throw invalid();
  return { time: time as number, id, range: { from: from as number, to: to as number } };
}

function parse(text: string): unknown[] | undefined {
  if (text.length > 2_048 || !/^[\w-]+$/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const invalid = () =>
  badParameter("cursor", "The cursor is not one that this API gave.", {
    cure: "Use `next` of the answer before, unchanged.",
  });

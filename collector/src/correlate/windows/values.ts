import type { Doc } from "@vedette/core/pipeline";
import { termOf, termsOf } from "../terms.ts";

/**
 * Where a value is in what a member found: a path in the event, several of which the first that has a value counts, or the place
 * among the group values of a correlation.
 */
export type ValueAt = string | readonly string[] | number;

/** Text of a value; of a list, of all its elements together. */
export function textOf(value: unknown): string | undefined {
  if (!Array.isArray(value)) return termOf(value);
  const terms = termsOf(value);
  return terms.length > 1 ? JSON.stringify(terms) : terms[0];
}

/** What is at a place: in the event, or among the group values of the correlation that found it. */
function readAt(at: ValueAt, doc: Doc, inner: readonly string[]): unknown {
  if (typeof at === "string") return doc.get(at);
  if (typeof at === "number") return inner[at];
  for (const path of at) {
    const value = doc.get(path);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The same as text. */
export const valueAt = (at: ValueAt, doc: Doc, inner: readonly string[]): string | undefined =>
  textOf(readAt(at, doc, inner));

/** What is measured of an event: nothing, which member it is, texts (by their hash) or a number. */
export type Measured = "nothing" | "text" | "number" | "member";

/** The value that is measured of an event as a number; undefined where it has none. Not for texts, which are read as hashes. */
export function datumOf(
  of: Exclude<Measured, "text">,
  member: number,
  field: ValueAt | undefined,
  doc: Doc,
  inner: readonly string[],
): number | undefined {
  if (of === "nothing") return 0;
  if (of === "member") return member;
  if (field === undefined) return undefined;
  const value = readAt(field, doc, inner);
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

import type { FieldInfo } from "../../api/types.ts";

/** The part of a query that is being typed and may become a field's name. */
export interface Completion {
  readonly start: number;
  readonly word: string;
}

/** What stands before the caret, if it may be the beginning of a field name. */
export function completionOf(text: string, caret: number): Completion | undefined {
  const before = text.slice(0, caret);
  if ((before.match(/"/g)?.length ?? 0) % 2 === 1) return undefined;
  const word = /(?:^|\s)-?([A-Za-z@][\w@.$#/-]*)$/.exec(before)?.[1];
  return word === undefined ? undefined : { start: caret - word.length, word };
}

const shown = 8;

/** Fields whose name fits what was typed: names that begin so come first, then parts of names. */
export function suggestionsFor(word: string, fields: readonly FieldInfo[]): FieldInfo[] {
  const wanted = word.toLowerCase();
  const rank = ({ path }: FieldInfo): number => {
    const name = path.toLowerCase();
    if (name === wanted) return 0;
    if (name.startsWith(wanted)) return 1;
    if (name.includes(`.${wanted}`)) return 2;
    return name.includes(wanted) && wanted.length > 2 ? 3 : 9;
  };
  return fields
    .map((field) => ({ field, rank: rank(field) }))
    .filter((each) => each.rank < 9)
    .sort((a, b) => a.rank - b.rank || a.field.path.length - b.field.path.length)
    .slice(0, shown)
    .map((each) => each.field);
}

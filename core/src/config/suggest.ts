/** Edits (insert, delete, replace, swap of neighbours) between two words, at most `limit` + 1. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_\s]/g, "");

/** The known word that was probably meant, or undefined. Case, `_` and `-` do not count as differences. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wanted = plain(word.slice(0, 100));
  const limit = wanted.length <= 3 ? 1 : wanted.length <= 7 ? 2 : 3;
  let best: string | undefined;
  let least = limit + 1;
  for (const candidate of known) {
    const edits = distance(wanted, plain(candidate), limit);
    if (edits < least) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}

/** `Did you mean "x"?`, or the short list of what is known, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const list = [...known];
  const best = nearest(word, list);
  if (best !== undefined) return `Did you mean "${best}"?`;
  return list.length > 0 && list.length <= 16 ? `Known: ${list.join(", ")}.` : undefined;
}

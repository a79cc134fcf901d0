const quote = 34;
const backslash = 92;
const comma = 44;
const open = new Set([91, 123]);
const close = new Set([93, 125]);

/**
 * The elements of a JSON list as they are written, so that no number or key is changed by reading it. Undefined where
 * the text is no list or does not end as one; whether each element is JSON is for the caller to see.
 */
export function elementsOf(text: string): string[] | undefined {
  const from = text.search(/\S/);
  const to = text.trimEnd().length - 1;
  if (text[from] !== "[" || text[to] !== "]" || to <= from) return undefined;
  const elements: string[] = [];
  let start = from + 1;
  let depth = 0;
  for (let at = start; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
      if (at < 0 || at >= to) return undefined;
    } else if (open.has(code)) depth++;
    else if (close.has(code)) {
      if (--depth < 0) return undefined;
    } else if (code === comma && depth === 0) {
      elements.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  if (depth !== 0) return undefined;
  const last = text.slice(start, to).trim();
  if (last !== "" || elements.length > 0) elements.push(last);
  return elements;
}

/** Where the string that begins here ends, or -1. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

import { type CharSet, negate, type Regex } from "../../regex/index.ts";

/**
 * How one part of a grok step is found without an expression, in a text without characters of two units. Each says
 * exactly what the expression says, or gives up.
 */
export type ScanPart =
  /** This text. */
  | { readonly kind: "literal"; readonly text: string }
  /** Up to the first `end`, which nothing before it may be; or, with `open`, up to the end of the text. */
  | { readonly kind: "delimited"; readonly end: string; readonly open: boolean; readonly body: Regex }
  /** From a quote to the next one, with nothing escaped in between; then a space or the end where `spaced`. */
  | { readonly kind: "quoted"; readonly quote: string; readonly spaced: boolean }
  /** Up to the last `text` before the first `stop`, or in all that is left. */
  | { readonly kind: "last"; readonly text: string; readonly stop: string | undefined }
  /** A fixed number of characters. */
  | { readonly kind: "fixed"; readonly length: number }
  /** All up to the first `stop`, or to the end. */
  | { readonly kind: "until"; readonly stop: string | undefined }
  /** Characters of a set, as many as there are. */
  | { readonly kind: "run"; readonly set: CharSet; readonly min: number; readonly max: number }
  /** Whatever the expression matches. */
  | { readonly kind: "expression" };

const itemsOf = (regex: Regex): readonly Regex[] =>
  regex.kind === "sequence" ? regex.items.flatMap(itemsOf) : [regex];

/** The only character of a set, in the basic plane. */
function charOf(regex: Regex | undefined): string | undefined {
  if (regex?.kind !== "set" || regex.set.length !== 2) return undefined;
  const [from, to] = regex.set;
  return from === to && from! < 0xd800 ? String.fromCharCode(from!) : undefined;
}

/** The only character that a set leaves out; null where it leaves out none. */
function stopOf(set: CharSet): string | null | undefined {
  const left = negate(set);
  if (left.length === 0) return null;
  return charOf({ kind: "set", set: left });
}

const has = (set: CharSet, char: string): boolean => {
  const code = char.charCodeAt(0);
  for (let index = 0; index < set.length; index += 2)
    if (code >= set[index]! && code <= set[index + 1]!) return true;
  return false;
};

/** True where a match of the expression may hold a character. Asserts are taken as such, so that they are left alone. */
function mayHold(regex: Regex, char: string): boolean {
  switch (regex.kind) {
    case "set":
      return has(regex.set, char);
    case "assert":
      return true;
    case "repeat":
      return mayHold(regex.item, char);
    default:
      return regex.items.some((item) => mayHold(item, char));
  }
}

/** The character that ends a match, and whether the end of the text may stand for it. */
function endOf(regex: Regex | undefined): { readonly end: string; readonly open: boolean } | undefined {
  const end = charOf(regex);
  if (end !== undefined) return { end, open: false };
  if (regex?.kind !== "choice" || regex.items.length !== 2) return undefined;
  const [first, second] = regex.items;
  const char = charOf(first);
  return char !== undefined && second?.kind === "assert" && second.assert === "end"
    ? { end: char, open: true }
    : undefined;
}

type Repeat = Extract<Regex, { kind: "repeat" }>;

const isGreedyLoop = (regex: Regex | undefined): regex is Repeat =>
  regex?.kind === "repeat" && regex.greedy && regex.max === Number.POSITIVE_INFINITY;

/** `"(?:[^"\\]|\\.)*"`: the quote, or undefined. */
function quoteOf([open, body, close, ...rest]: readonly Regex[]): string | undefined {
  const quote = charOf(open);
  if (quote === undefined || charOf(close) !== quote || rest.length > 1) return undefined;
  if (!isGreedyLoop(body) || body.min !== 0 || body.item.kind !== "choice" || body.item.items.length !== 2)
    return undefined;
  const [plain, escaped] = body.item.items;
  if (plain?.kind !== "set" || escaped?.kind !== "sequence" || charOf(escaped.items[0]) !== "\\")
    return undefined;
  const left = negate(plain.set);
  const codes = [quote.charCodeAt(0), 92].sort((a, b) => a - b);
  return left.length === 4 && left.every((code, index) => code === codes[index >> 1]) ? quote : undefined;
}

function literalOf(items: readonly Regex[]): string | undefined {
  const chars = items.map(charOf);
  return chars.length > 0 && chars.every((char) => char !== undefined) ? chars.join("") : undefined;
}

function lengthOf(regex: Regex): number | undefined {
  if (regex.kind === "set") return 1;
  if (regex.kind === "sequence") {
    const lengths = regex.items.map(lengthOf);
    return lengths.every((length) => length !== undefined) ? lengths.reduce((a, b) => a + b, 0) : undefined;
  }
  if (regex.kind !== "repeat" || regex.min !== regex.max) return undefined;
  const item = lengthOf(regex.item);
  return item === undefined ? undefined : item * regex.min;
}

/** How a part is found. */
export function scanPart(regex: Regex): ScanPart {
  const items = itemsOf(regex);
  const text = literalOf(items);
  if (text !== undefined) return { kind: "literal", text };
  const [first] = items;
  if (items.length === 1 && isGreedyLoop(first) && first.item.kind === "set" && first.min <= 1) {
    const stop = stopOf(first.item.set);
    if (stop !== undefined) return { kind: "until", stop: stop ?? undefined };
  }
  if (items.length === 1 && first?.kind === "repeat" && first.greedy && first.item.kind === "set") {
    const { min, max } = first;
    return { kind: "run", set: first.item.set, min, max };
  }
  const quote = quoteOf(items);
  const tail = items.length === 4 ? endOf(items[3]) : undefined;
  if (quote !== undefined && (items.length === 3 || (tail?.end === " " && tail.open)))
    return { kind: "quoted", quote, spaced: items.length === 4 };
  if (items.length > 1 && isGreedyLoop(first) && first.min === 0 && first.item.kind === "set") {
    const stop = stopOf(first.item.set);
    const last = literalOf(items.slice(1));
    if (stop !== undefined && last !== undefined && (stop === null || !last.includes(stop)))
      return { kind: "last", text: last, stop: stop ?? undefined };
  }
  const length = lengthOf(regex);
  if (length !== undefined && length > 0) return { kind: "fixed", length };
  const end = endOf(items.at(-1));
  const body: Regex = { kind: "sequence", items: items.slice(0, -1) };
  if (end && items.length > 1 && !mayHold(body, end.end)) return { kind: "delimited", ...end, body };
  return { kind: "expression" };
}

import { Automaton, type CharSet, negate, type Regex } from "../../regex/index.ts";

/** How one part of a grok step is found in the bytes of an ASCII text. Each says exactly what the expression says. */
export type ScanPart =
  /** This text. */
  | { readonly kind: "literal"; readonly text: string }
  /** From a quote to the next one, escaped ones passed over; then a space or the end where `spaced`. */
  | { readonly kind: "quoted"; readonly quote: string; readonly spaced: boolean }
  /** Up to the last `text` before the first `stop`, or in all that is left; where there is none, `bare` alone. */
  | {
      readonly kind: "last";
      readonly text: string;
      readonly stop: string | undefined;
      readonly bare: string | undefined;
    }
  /** All up to the first `stop`, or to the end. */
  | { readonly kind: "until"; readonly stop: string | undefined }
  /** Characters of a set, as many as there are. */
  | { readonly kind: "run"; readonly set: CharSet; readonly min: number; readonly max: number }
  /** Whatever the expression matches. */
  | { readonly kind: "automaton"; readonly automaton: Automaton };

const itemsOf = (regex: Regex): readonly Regex[] =>
  regex.kind === "sequence" ? regex.items.flatMap(itemsOf) : [regex];

/** The only character of a set, in ASCII. */
function charOf(regex: Regex | undefined): string | undefined {
  if (regex?.kind !== "set" || regex.set.length !== 2) return undefined;
  const [from, to] = regex.set;
  return from === to && from! < 128 ? String.fromCharCode(from!) : undefined;
}

/** The only character that a set leaves out; null where it leaves out none. */
function stopOf(set: CharSet): string | null | undefined {
  const left = negate(set);
  if (left.length === 0) return null;
  return charOf({ kind: "set", set: left });
}

/** A space, or the end of the text. */
function isSpaceOrEnd(regex: Regex | undefined): boolean {
  if (regex?.kind !== "choice" || regex.items.length !== 2) return false;
  const [first, second] = regex.items;
  return charOf(first) === " " && second?.kind === "assert" && second.assert === "end";
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
  if (plain?.kind !== "set" || escaped?.kind !== "sequence" || escaped.items.length !== 2) return undefined;
  const [slash, any] = escaped.items;
  if (charOf(slash) !== "\\" || any?.kind !== "set" || stopOf(any.set) !== "\n") return undefined;
  const left = negate(plain.set);
  const codes = [quote.charCodeAt(0), 92].sort((a, b) => a - b);
  return left.length === 4 && left.every((code, index) => code === codes[index >> 1]) ? quote : undefined;
}

function literalOf(items: readonly Regex[]): string | undefined {
  const chars = items.map(charOf);
  return chars.length > 0 && chars.every((char) => char !== undefined) ? chars.join("") : undefined;
}

/** `[^x]*text`, as the text and its stop. */
function lastOf(items: readonly Regex[]): { readonly text: string; readonly stop?: string } | undefined {
  const [first, ...rest] = items;
  if (!isGreedyLoop(first) || first.min > 0 || first.item.kind !== "set") return undefined;
  const stop = stopOf(first.item.set);
  const text = literalOf(rest);
  if (stop === undefined || text === undefined) return undefined;
  if (stop === null) return { text };
  return text.includes(stop) ? undefined : { text, stop };
}

/** `(?:[^x]*text)?more`. */
function optionalLast([first, ...rest]: readonly Regex[]): ScanPart | undefined {
  if (first?.kind !== "repeat" || first.min !== 0 || first.max !== 1 || !first.greedy) return undefined;
  const last = lastOf(itemsOf(first.item));
  const bare = literalOf(rest);
  if (last === undefined || bare === undefined) return undefined;
  const { text, stop } = last;
  if (stop !== undefined && bare.includes(stop)) return undefined;
  return { kind: "last", text: `${text}${bare}`, stop, bare };
}

/** How a part is found; undefined where its expression has no automaton. */
export function scanPart(regex: Regex): ScanPart | undefined {
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
  if (quote !== undefined && (items.length === 3 || isSpaceOrEnd(items[3])))
    return { kind: "quoted", quote, spaced: items.length === 4 };
  const last = lastOf(items);
  if (last) return { kind: "last", text: last.text, stop: last.stop, bare: undefined };
  const optional = optionalLast(items);
  if (optional) return optional;
  const automaton = Automaton.of(regex);
  return automaton && { kind: "automaton", automaton };
}

import type { Regex } from "./parse.ts";
import type { CharSet } from "./sets.ts";

/** A text that matches hold; with `fold`, its ASCII letters may be of either case, and here they are small. */
export interface RequiredText {
  readonly text: string;
  readonly fold: boolean;
}

/** Bounds of the alternatives that are followed: beyond, a shorter text is looked for. */
const maxExact = 16;
/** Characters of a set: single digits and the like are everywhere, so looking for them saves nothing. */
const maxCharacters = 4;
const maxRequired = 64;
const maxLength = 64;

/** What is known of the matches of a part. */
interface Known {
  /** All its matches, where they are few. */
  readonly exact: readonly RequiredText[] | undefined;
  /** Texts of which every match holds at least one. */
  readonly required: readonly RequiredText[] | undefined;
}

const nothing: Known = { exact: undefined, required: undefined };
const empty: RequiredText = { text: "", fold: false };

/**
 * Texts of which every match of an expression holds at least one, so that most texts need not be searched for the
 * expression itself; undefined where there are none. As rare as can be had cheaply.
 */
export function requiredTexts(regex: Regex): readonly RequiredText[] | undefined {
  return bestOf(knownOf(regex));
}

function knownOf(regex: Regex): Known {
  switch (regex.kind) {
    case "assert":
      return { exact: [empty], required: undefined };
    case "set": {
      const exact = charactersOf(regex.set);
      return { exact, required: exact };
    }
    case "sequence":
      return sequenceOf(regex.items.map(knownOf));
    case "choice":
      return choiceOf(regex.items.map(knownOf));
    case "repeat": {
      const item = knownOf(regex.item);
      if (regex.min === 0) {
        const once = regex.max === 1 && item.exact ? distinct([empty, ...item.exact]) : undefined;
        return { exact: once && once.length <= maxExact ? once : undefined, required: undefined };
      }
      if (regex.min === regex.max && regex.min <= maxLength)
        return sequenceOf(new Array<Known>(regex.min).fill(item));
      return { exact: undefined, required: bestOf(item) };
    }
  }
}

/** The few characters of a set; both cases of a letter are one. */
function charactersOf(set: CharSet): readonly RequiredText[] | undefined {
  const points = new Set<number>();
  for (let i = 0; i < set.length; i += 2) {
    if (set[i + 1]! - set[i]! >= maxCharacters) return undefined;
    for (let point = set[i]!; point <= set[i + 1]!; point++) points.add(point);
    if (points.size > maxCharacters * 3) return undefined;
  }
  const texts: RequiredText[] = [];
  for (const point of points) {
    const text = String.fromCodePoint(point);
    if (/[A-Z]/.test(text) && points.has(point + 32)) continue;
    texts.push({ text, fold: /[a-z]/.test(text) && points.has(point - 32) });
  }
  return texts.length <= maxCharacters ? texts : undefined;
}

function sequenceOf(items: readonly Known[]): Known {
  let exact: readonly RequiredText[] = [empty];
  let whole = true;
  let best: readonly RequiredText[] | undefined;
  for (const item of items) {
    const longer = item.exact && joined(exact, item.exact);
    if (longer) {
      exact = longer;
      continue;
    }
    whole = false;
    best = better(best, exact);
    best = better(best, item.required);
    // What follows starts a new text.
    exact = item.exact ?? [empty];
  }
  best = better(best, exact);
  return { exact: whole ? exact : undefined, required: best };
}

function joined(
  left: readonly RequiredText[],
  right: readonly RequiredText[],
): readonly RequiredText[] | undefined {
  if (left.length * right.length > maxExact) return undefined;
  const all = left.flatMap((a) => right.map((b) => ({ text: a.text + b.text, fold: a.fold || b.fold })));
  return all.some(({ text }) => text.length > maxLength) ? undefined : distinct(all);
}

function choiceOf(items: readonly Known[]): Known {
  if (items.every(({ exact }) => exact)) {
    const exact = distinct(items.flatMap((item) => item.exact!));
    if (exact.length <= maxExact) return { exact, required: exact };
  }
  const each = items.map(bestOf);
  if (!each.every((texts) => texts !== undefined)) return nothing;
  const required = distinct(each.flat());
  return { exact: undefined, required: required.length <= maxRequired ? required : undefined };
}

const bestOf = ({ exact, required }: Known): readonly RequiredText[] | undefined => better(required, exact);

/** The set of which texts at hand hold one less often; none of its texts may be empty. */
function better(
  left: readonly RequiredText[] | undefined,
  right: readonly RequiredText[] | undefined,
): readonly RequiredText[] | undefined {
  const a = commonness(left);
  const b = commonness(right);
  if (a >= 1 && b >= 1) return undefined;
  return b < a ? right : left;
}

/**
 * How often one of some texts is to be expected at a place of a log, roughly: a long text is rare, and one of a single character is
 * rarer than one of two letters where the character is none that addresses, paths and numbers are made of.
 */
const commonness = (texts: readonly RequiredText[] | undefined): number =>
  texts?.reduce((sum, { text }) => sum + commonnessOf(text), 0) || 1;

function commonnessOf(text: string): number {
  let product = 1;
  for (const char of text)
    product /= /[a-z\d/]/.test(char) ? 16 : /[A-Z\s.,:=?&%+"\\_-]/.test(char) ? 32 : 256;
  return product;
}

/** With the letters of a folded text small, because a search that ignores case does not tell them apart. */
function distinct(texts: readonly RequiredText[]): readonly RequiredText[] {
  const known = new Map<string, RequiredText>();
  for (const { text, fold } of texts) known.set(`${fold}${text}`, { text, fold });
  return [...known.values()];
}

import { tactics } from "./tactics.ts";
import { techniqueLines } from "./techniques.ts";

interface Technique {
  readonly name: string;
  readonly tactics: readonly string[];
}

const idOfLetter = new Map(tactics.map(({ letter, id }) => [letter, id]));
const tacticNames: ReadonlyMap<string, string> = new Map(tactics.map(({ id, name }) => [id, name]));
/** `credential-access` and `credential_access`, as Sigma tags write them, without their joints. */
const idOfTag = new Map(tactics.map(({ id, name }) => [plain(name), id]));
const order = new Map(tactics.map(({ id }, at) => [id, at]));

const table: ReadonlyMap<string, Technique> = new Map(
  techniqueLines
    .trim()
    .split("\n")
    .map((line) => {
      const [id = "", name = "", letters = ""] = line.split("|");
      return [id, { name, tactics: [...letters].flatMap((letter) => idOfLetter.get(letter) ?? []) }];
    }),
);

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, "");
}

/** What a rule says of ATT&CK: identifiers, without repeats; tactics in the order of an attack. */
export interface Attack {
  readonly tactics: readonly string[];
  readonly techniques: readonly string[];
}

const mostTags = 64;
const technique = /\bT(\d{4})(?:[./](\d{3}))?\b/gi;
const tactic = /\bTA(\d{4})\b/gi;

/**
 * Reads `T1110 - Brute Force`, several of such, and Sigma's tags `attack.t1110.001` and `attack.credential-access`. A technique
 * that names no tactic brings its own; one that is not in the table stays, with none.
 */
export function readAttack(text: string | undefined, tags: readonly string[] = []): Attack {
  const techniques = new Set<string>();
  const found = new Set<string>();
  const own = tags.slice(0, mostTags).filter((tag) => /^attack\./i.test(tag));
  const all = [text ?? "", ...own.map((tag) => tag.slice("attack.".length))];
  for (const each of all) {
    for (const [, number, part] of each.matchAll(technique))
      techniques.add(`T${number}${part === undefined ? "" : `.${part}`}`);
    for (const [, number] of each.matchAll(tactic)) found.add(`TA${number}`);
  }
  for (const tag of own) {
    const id = idOfTag.get(plain(tag.slice("attack.".length)));
    if (id !== undefined) found.add(id);
  }
  if (found.size === 0)
    for (const id of techniques) for (const each of lookUp(id)?.tactics ?? []) found.add(each);
  const rank = (id: string): number => order.get(id) ?? tactics.length;
  return { techniques: [...techniques].sort(), tactics: [...found].sort((a, b) => rank(a) - rank(b)) };
}

/** A technique, or for a part of one that has no line of its own the technique it belongs to. */
const lookUp = (id: string): Technique | undefined => table.get(id) ?? table.get(id.split(".")[0]!);

/** The name of a tactic; undefined where it is unknown. */
export const tacticName = (id: string): string | undefined => tacticNames.get(id);

/** The name of a technique, `Brute Force: Password Guessing` for a part of one; undefined where it is unknown. */
export function techniqueName(id: string): string | undefined {
  const [parent = "", part] = id.split(".");
  const whole = table.get(parent)?.name;
  const own = part === undefined ? undefined : table.get(id)?.name;
  return whole !== undefined && own !== undefined ? `${whole}: ${own}` : whole;
}

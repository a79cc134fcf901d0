/** Where one of several texts is looked for. */
export type Anchor = "anywhere" | "start" | "end";

/** From this many texts on, one automaton is faster than a search for each (4 to 8 times for 22 of them). */
const automatonFrom = 3;
/** Longer lists are searched one by one: an expression of that size costs more to compile than it saves. */
const automatonBytes = 16_384;

const one: Record<Anchor, (field: string, needle: string) => boolean> = {
  anywhere: (field, needle) => field.includes(needle),
  start: (field, needle) => field.startsWith(needle),
  end: (field, needle) => field.endsWith(needle),
};

/** Tells whether a text holds one of several, each as it is written; compiled once, linear in the text. */
export function anyNeedle(needles: readonly string[], anchor: Anchor): (field: string) => boolean {
  const holds = one[anchor];
  const [only] = needles;
  if (needles.length === 1) return (field) => holds(field, only!);
  const size = needles.reduce((sum, needle) => sum + needle.length, 0);
  if (needles.length < automatonFrom || size > automatonBytes || needles.includes(""))
    return (field) => needles.some((needle) => holds(field, needle));
  const literals = `(?:${needles.map(literal).join("|")})`;
  const expression = new RegExp(
    anchor === "start" ? `^${literals}` : anchor === "end" ? `${literals}$` : literals,
  );
  return (field) => expression.test(field);
}

/** Every code unit that is no letter or digit, as an escape: nothing in it can be syntax. */
const literal = (needle: string): string =>
  needle.replace(/[^A-Za-z0-9]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

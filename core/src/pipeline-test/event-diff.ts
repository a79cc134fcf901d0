type Json = Record<string, unknown>;

/** One path at which an event is not what was expected. Values are JSON text; an absent one is undefined. */
export interface Difference {
  readonly path: string;
  readonly expected: string | undefined;
  readonly found: string | undefined;
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The leaves of an event by dotted path, lists as JSON. */
function flatten(value: Json, prefix = ""): Map<string, string> {
  const leaves = new Map<string, string>();
  for (const [key, item] of Object.entries(value)) {
    const path = prefix ? `${prefix}.${key}` : key;
    if (isObject(item)) for (const [inner, text] of flatten(item, path)) leaves.set(inner, text);
    else leaves.set(path, JSON.stringify(item));
  }
  return leaves;
}

/** What differs between two events, sorted by path. Empty when they are equal. */
export function diffEvents(expected: Json | undefined, found: Json | undefined): Difference[] {
  const left = flatten(expected ?? {});
  const right = flatten(found ?? {});
  return [...new Set([...left.keys(), ...right.keys()])]
    .sort()
    .filter((path) => left.get(path) !== right.get(path))
    .map((path) => ({ path, expected: left.get(path), found: right.get(path) }));
}

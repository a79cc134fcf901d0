type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The leaves of an event by dotted path, lists as JSON. */
export function flatten(value: Json, prefix = ""): Map<string, string> {
  const leaves = new Map<string, string>();
  for (const [key, item] of Object.entries(value)) {
    const path = prefix ? `${prefix}.${key}` : key;
    if (isObject(item)) for (const [inner, text] of flatten(item, path)) leaves.set(inner, text);
    else leaves.set(path, JSON.stringify(item));
  }
  return leaves;
}

/** What differs, one path a line: `-` expected, `+` found. Empty when the events are equal. */
export function diffEvents(expected: Json | undefined, found: Json | undefined): string[] {
  const left = flatten(expected ?? {});
  const right = flatten(found ?? {});
  const lines: string[] = [];
  for (const path of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    if (left.get(path) === right.get(path)) continue;
    if (left.has(path)) lines.push(`    - ${path}: ${left.get(path)}`);
    if (right.has(path)) lines.push(`    + ${path}: ${right.get(path)}`);
  }
  return lines;
}

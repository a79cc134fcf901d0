import type { IconGraph } from "./graph.ts";
import { mapOf, textOf } from "./loose.ts";

/** A name for every step: its title, made unique, without what references cannot hold. */
export function namesOf(graph: IconGraph): Map<string, string> {
  const used = new Set<string>(["end", "this", "."]);
  const names = new Map<string, string>();
  for (const [id, step] of graph.steps) {
    const plain = textOf(mapOf(step)["name"])
      .replaceAll(/[[{]/g, "(")
      .replaceAll(/[\]}]/g, ")")
      .replaceAll(/\s+/g, " ")
      .replace(/^[$.]+/, "")
      .trim()
      .slice(0, 90);
    const base = plain === "" ? "Step" : plain;
    let name = base;
    for (let count = 2; used.has(name); count++) name = `${base} ${count}`;
    used.add(name);
    names.set(id, name);
  }
  return names;
}

/** The same value with every reference by id turned into one by name. Ids that are no step's are given to `unknown`. */
export function renamed<T>(value: T, names: ReadonlyMap<string, string>, unknown: (id: string) => void): T {
  const text = (given: string): string =>
    given.replaceAll(
      /\[([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\]/g,
      (whole, id: string) => {
        const name = names.get(id);
        if (name === undefined) unknown(id);
        return name === undefined ? whole : `[${name}]`;
      },
    );
  const walk = (each: unknown): unknown => {
    if (typeof each === "string") return text(each);
    if (Array.isArray(each)) return each.map(walk);
    if (typeof each !== "object" || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, item]) => [key, walk(item)]));
  };
  return walk(value) as T;
}

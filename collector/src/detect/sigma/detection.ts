import { SigmaFault } from "./fault.ts";
import { compileItem, type Fields } from "./item.ts";
import { and, type Node, or } from "./node.ts";

const maxDepth = 16;

/** Compiles one named part of a detection: a map all of whose entries must hold, a list of such, or keywords. */
export function compileDetection(
  given: unknown,
  fields: Fields,
  path: readonly PropertyKey[],
  depth = 0,
): Node {
  if (depth > maxDepth) throw new SigmaFault(path, `Lists and maps may go ${maxDepth} deep.`);
  if (Array.isArray(given)) return compileList(given, fields, path, depth);
  if (typeof given !== "object" || given === null) {
    if (given === null) throw new SigmaFault(path, "Nothing is looked for here.");
    return compileItem("", given, fields, path);
  }
  const entries = Object.entries(given);
  if (entries.length === 0) throw new SigmaFault(path, "Nothing is looked for here.");
  return and(entries.map(([key, value]) => compileItem(key, value, fields, [...path, key])));
}

function compileList(
  given: readonly unknown[],
  fields: Fields,
  path: readonly PropertyKey[],
  depth: number,
): Node {
  if (given.length === 0) throw new SigmaFault(path, "Nothing is looked for here.");
  const keywords = given.filter((each) => typeof each !== "object");
  if (keywords.length === given.length) return compileItem("", given, fields, path);
  return or(given.map((each, index) => compileDetection(each, fields, [...path, index], depth + 1)));
}

import type { Doc } from "@vedette/core/pipeline";
import { type Filter, isWhole, type Leaf } from "../filter.ts";

/** What a Sigma rule asks of an event. */
export type Node =
  | { readonly kind: "leaf"; readonly leaf: Leaf; readonly said: Said }
  /** Compares the values of two fields. */
  | { readonly kind: "pair"; readonly pair: Pair; readonly said: Said }
  | { readonly kind: "and" | "or"; readonly parts: readonly Node[]; readonly name?: string }
  | { readonly kind: "not"; readonly part: Node };

/** How a test is written in the rule. */
export interface Said {
  readonly field: string;
  readonly modifiers: readonly string[];
  readonly values: readonly string[];
}

export interface Pair {
  readonly paths: readonly [string, string];
  test(value: unknown, other: unknown): boolean;
}

export const and = (parts: readonly Node[], name?: string): Node => joined("and", parts, name);
export const or = (parts: readonly Node[], name?: string): Node => joined("or", parts, name);
export const not = (part: Node): Node => ({ kind: "not", part });

function joined(kind: "and" | "or", parts: readonly Node[], name?: string): Node {
  if (name !== undefined) return { kind, parts, name };
  return parts.length === 1 ? parts[0]! : { kind, parts };
}

const any: Filter = { kind: "any" };

/** What must hold of an event for a node to be `wanted`. */
export function filterOfNode(node: Node, wanted = true): Filter {
  switch (node.kind) {
    case "leaf":
      return wanted ? { kind: "leaf", leaf: node.leaf, whole: true } : any;
    case "pair":
      return any;
    case "not":
      return filterOfNode(node.part, !wanted);
    default: {
      const parts = node.parts.map((part) => filterOfNode(part, wanted));
      if (parts.length === 1) return parts[0]!;
      const whole = parts.every(isWhole);
      if ((node.kind === "or") === wanted) return parts.includes(any) ? any : { kind: "or", parts, whole };
      const known = parts.filter((part) => part !== any);
      return known.length === 0 ? any : { kind: "and", parts: known, whole };
    }
  }
}

/** Makes a test of a node. */
export function compileNode(node: Node): (doc: Doc) => boolean {
  switch (node.kind) {
    case "leaf": {
      const { leaf } = node;
      const { path } = leaf;
      return (doc) => leaf.test(doc.get(path));
    }
    case "pair": {
      const { pair } = node;
      const [left, right] = pair.paths;
      return (doc) => pair.test(doc.get(left), doc.get(right));
    }
    case "not": {
      const test = compileNode(node.part);
      return (doc) => !test(doc);
    }
    default:
      return compileParts(node.kind === "and", node.parts.map(compileNode));
  }
}

function compileParts(every: boolean, tests: readonly ((doc: Doc) => boolean)[]): (doc: Doc) => boolean {
  if (tests.length === 1) return tests[0]!;
  return (doc) => {
    for (const test of tests) if (test(doc) !== every) return !every;
    return every;
  };
}

/** Every path that a node reads. */
export function* pathsOfNode(node: Node): Generator<string> {
  if (node.kind === "leaf") yield node.leaf.path;
  else if (node.kind === "pair") yield* node.pair.paths;
  else if (node.kind === "not") yield* pathsOfNode(node.part);
  else for (const part of node.parts) yield* pathsOfNode(part);
}

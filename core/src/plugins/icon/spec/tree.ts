import type { Place } from "../findings.ts";
import type { Scalar } from "./scalars.ts";

/** A value of a spec file that knows where it stands. */
export type SpecNode = SpecScalar | SpecList | SpecMap;

export interface SpecScalar {
  readonly kind: "scalar";
  readonly place: Place;
  /** As written, without quotes: what counts where text is expected. */
  readonly text: string;
  /** As YAML 1.1 reads it: what counts for defaults, enums and examples. */
  readonly value: Scalar;
}

export interface SpecList {
  readonly kind: "list";
  readonly place: Place;
  readonly items: readonly SpecNode[];
}

export interface SpecMap {
  readonly kind: "map";
  readonly place: Place;
  readonly entries: ReadonlyMap<string, SpecEntry>;
}

export interface SpecEntry {
  /** Of the key. */
  readonly place: Place;
  readonly value: SpecNode;
}

/** A value as JSON has it. */
export type Json = Scalar | readonly Json[] | { readonly [key: string]: Json };

/** The plain value of a node. */
export function plain(node: SpecNode): Json {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plain(value)]));
}

/** The text of a scalar that is not null; undefined for anything else. */
export const textOfNode = (node: SpecNode | undefined): string | undefined =>
  node?.kind === "scalar" && node.value !== null ? node.text : undefined;

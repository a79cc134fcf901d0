import { eventFields, type FieldKind } from "@vedette/sdk";

/** A node of the event schema: a leaf with its kind, or an object with children. */
export interface SchemaNode {
  readonly path: readonly string[];
  /** The kind of a leaf; undefined for an object. */
  readonly kind: FieldKind | undefined;
  readonly children: ReadonlyMap<string, SchemaNode>;
}

/** The event schema by top-level name, for conversion without walking paths. */
export const eventTree: ReadonlyMap<string, SchemaNode> = (() => {
  const root = new Map<string, SchemaNode>();
  for (const { path, kind } of eventFields) {
    const segments = path.split(".");
    let level = root;
    for (const [depth, segment] of segments.entries()) {
      const leaf = depth === segments.length - 1;
      const children = new Map<string, SchemaNode>();
      const known = level.get(segment);
      if (!known)
        level.set(segment, { path: segments.slice(0, depth + 1), kind: leaf ? kind : undefined, children });
      level = (known?.children as Map<string, SchemaNode> | undefined) ?? children;
    }
  }
  return root;
})();

import { eventFields, type FieldKind } from "@vedette/sdk";

/** A node of the event schema: a leaf with its kind, or an object with children. */
export type SchemaNode =
  | { readonly kind: FieldKind }
  | { readonly children: ReadonlyMap<string, SchemaNode> };

/** The event schema by top-level name, for conversion without walking paths. */
export const eventTree: ReadonlyMap<string, SchemaNode> = (() => {
  const root = new Map<string, SchemaNode>();
  for (const { path, kind } of eventFields) {
    const segments = path.split(".");
    let level = root;
    for (const segment of segments.slice(0, -1)) {
      const known = level.get(segment);
      const children = known && "children" in known ? (known.children as Map<string, SchemaNode>) : new Map();
      if (!known) level.set(segment, { children });
      level = children;
    }
    level.set(segments.at(-1)!, { kind });
  }
  return root;
})();

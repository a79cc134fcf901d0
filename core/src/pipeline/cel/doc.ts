import { type Path, pathOf, readKey } from "../paths/index.ts";

/** What an expression reads: a JSON object, or a row of a batch that is never made into one. */
export interface Doc {
  /** The value at a gjson path; undefined when absent. */
  get(path: string): unknown;
}

/** A plain JSON object as a document. */
export class ObjectDoc implements Doc {
  root: unknown;
  constructor(root: unknown) {
    this.root = root;
  }
  get(path: string): unknown {
    return pathOf(path).read(this.root);
  }
}

/** Makes a plain JSON object readable by expressions. */
export const docOf = (root: object): ObjectDoc => new ObjectDoc(root);

/**
 * Compiles the reading of a path from documents. Plain objects are read in place, without a lookup of the path;
 * the two usual depths are spelled out because conditions run for every step of every log.
 */
export function compileRead(path: Path): (doc: Doc) => unknown {
  const { text, segments, query } = path;
  const [first, second] = segments as [string, string];
  if (query || segments.length > 2 || segments.includes("__proto__") || segments.includes("#")) {
    return (doc) => (doc instanceof ObjectDoc ? path.read(doc.root) : doc.get(text));
  }
  if (segments.length === 1) {
    return (doc) => (doc instanceof ObjectDoc ? readKey(doc.root, first) : doc.get(text));
  }
  return (doc) => {
    if (!(doc instanceof ObjectDoc)) return doc.get(text);
    const parent = readKey(doc.root, first);
    if (typeof parent !== "object" || parent === null || Array.isArray(parent))
      return readKey(parent, second);
    const found = (parent as Record<string, unknown>)[second];
    return typeof found === "function" ? undefined : found;
  };
}

import { type Path, pathOf } from "../paths/index.ts";

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

/** Reads a path that was compiled before; for plain objects without looking it up again. */
export const readDoc = (doc: Doc, path: Path): unknown =>
  doc instanceof ObjectDoc ? path.read(doc.root) : doc.get(path.text);

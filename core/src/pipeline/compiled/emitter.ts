import { deletePath, type JsonObject, parentFor, setPath, walk } from "../paths/index.ts";
import { anything, kinds, type Layout } from "./layout.ts";

/** Writes below a slot's value as a step writes below a field of the draft; gives the value that the slot then has. */
function putBelow(value: unknown, below: readonly string[], item: unknown, depth: number): unknown {
  const container = typeof value === "object" && value !== null ? value : parentFor(below[0]!, depth);
  setPath(container as JsonObject, below, item, depth);
  return container;
}

const removeBelow = (value: unknown, below: readonly string[]): boolean =>
  deletePath(value as JsonObject, below);

/** A text as source of a text. */
export const quoted = (text: string): string =>
  JSON.stringify(text).replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);

/** Writes the source of a program: slots are variables, everything else is referred to by name. */
export class Emitter {
  readonly layout: Layout;
  /** What the source refers to, in the order of `h0`, `h1`, ... */
  readonly values: unknown[] = [];
  /** True while what is written may not run for a log. */
  conditional = false;
  readonly #names = new Map<unknown, string>();
  /** Slots that were written since `untouch`. */
  readonly #touched = new Set<string>();

  constructor(layout: Layout) {
    this.layout = layout;
  }

  /** A name for a function, an expression or a list that the source needs. */
  ref(value: unknown): string {
    const known = this.#names.get(value);
    if (known) return known;
    const name = `h${this.values.push(value) - 1}`;
    this.#names.set(value, name);
    return name;
  }

  /** What a path may hold here, as bits of `kinds`. */
  types(path: readonly string[]): number {
    const { slot, below } = this.layout.place(path);
    return below.length === 0 ? slot.types : anything;
  }

  read(path: readonly string[]): string {
    const { slot, below } = this.layout.place(path);
    return below.length === 0 ? slot.name : `${this.ref(walk)}(${slot.name}, ${this.ref(below)}, 0)`;
  }

  /** A statement that writes the value of an expression. */
  write(path: readonly string[], value: string, types: number): string {
    const { slot, below } = this.layout.place(path);
    slot.written = true;
    this.#touched.add(slot.name);
    if (below.length > 0) {
      slot.types |= kinds.other;
      return `${slot.name} = ${this.ref(putBelow)}(${slot.name}, ${this.ref(below)}, ${value}, ${path.length - below.length});`;
    }
    slot.types = this.conditional ? slot.types | types : types;
    return `${slot.name} = ${value};`;
  }

  /** A statement that takes a field away and then runs `found`, where it is there. */
  remove(path: readonly string[], found: string): string {
    const { slot, below } = this.layout.place(path);
    if (below.length > 0)
      return `if (${this.ref(removeBelow)}(${slot.name}, ${this.ref(below)})) { ${found} }`;
    if (slot.types === kinds.absent) return "";
    slot.types = this.conditional ? slot.types | kinds.absent : kinds.absent;
    return `if (${slot.name} !== undefined) { ${slot.name} = undefined; ${found} }`;
  }

  /** True where a source reads a slot that was written since `untouch`. */
  touched(source: string): boolean {
    return [...source.matchAll(/\bs\d+\b/g)].some(([name]) => this.#touched.has(name));
  }

  untouch(): void {
    this.#touched.clear();
  }

  touchAll(): void {
    for (const { name } of this.layout.slots) this.#touched.add(name);
  }

  /** Writes what `write` gives as code that may not run. */
  maybe(write: () => string): string {
    const before = this.conditional;
    this.conditional = true;
    const source = write();
    this.conditional = before;
    return source;
  }
}

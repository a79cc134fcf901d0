import type { CutKernel } from "../../kernels/index.ts";
import { compileWrite, deletePath, type JsonObject, walk } from "../paths/index.ts";
import { anything, kinds, type Layout, type Slot } from "./layout.ts";

/** A draft that holds nothing but the value of one slot. */
function wrap(value: unknown, path: Slot["path"]): JsonObject {
  const [first, second] = path;
  return { [first]: second === undefined ? value : { [second]: value } };
}

const unwrap = (root: JsonObject, path: Slot["path"]): unknown => walk(root, path, 0);

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
  /** Variables that keep a text from row to row. */
  readonly memories: string[] = [];
  /** Functions that the source calls: parts that seldom run, or that would make others too large to be optimised. */
  readonly functions: string[] = [];
  /** Cuts the lines of a chunk together, where the first step of the source does nothing else with them. */
  ahead: CutKernel | undefined;
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

  /** A variable that keeps a value from row to row; `first` is the source of what it holds at first. */
  memory(first: string): string {
    const name = `k${this.memories.length}`;
    this.memories.push(`${name} = ${first}`);
    return name;
  }

  /** Puts statements into a function of their own and gives the call. They may return, but not break out. */
  outline(source: string): string {
    const name = `f${this.functions.length}`;
    this.functions.push(`function ${name}() { ${source} }`);
    return `${name}()`;
  }

  /** What the value of `read` may be here, as bits of `kinds`. */
  types(path: readonly string[]): number {
    const { slot, below } = this.layout.place(path);
    if (below.length > 0) return anything;
    return slot.types & kinds.slice ? (slot.types & ~kinds.slice) | kinds.text : slot.types;
  }

  /** The slot of a path where that may be a slice here. */
  slice(path: readonly string[]): Slot | undefined {
    const { slot, below } = this.layout.place(path);
    return below.length === 0 && slot.types & kinds.slice ? slot : undefined;
  }

  /** The value of a path, as a text where it is a slice. */
  read(path: readonly string[]): string {
    const { slot, below } = this.layout.place(path);
    const whole = slot.types & kinds.slice ? `${slot.name}r()` : slot.name;
    return below.length === 0 ? whole : `${this.ref(walk)}(${whole}, ${this.ref(below)}, 0)`;
  }

  /** As `read`, only for asking whether there is a value. */
  there(path: readonly string[]): string {
    const { slot, below } = this.layout.place(path);
    return below.length === 0 ? slot.name : this.read(path);
  }

  /** A statement that makes a field a part of the line's bytes. */
  writeSlice(path: readonly string[], from: string, to: string): string {
    const { slot, below } = this.layout.place(path);
    if (below.length > 0) return this.write(path, `text(${from}, ${to})`, kinds.text);
    const { name } = slot;
    slot.sliced = true;
    return `${this.write(path, "slice", kinds.slice)} ${name}a = ${from}; ${name}b = ${to}; ${name}t = undefined;`;
  }

  /** Notes that a slice has other ends now, or none. */
  moved(slot: Slot): void {
    slot.written = true;
    slot.types |= kinds.slice | kinds.text;
    this.#touched.add(slot.name);
  }

  /** A statement that writes the value of an expression. */
  write(path: readonly string[], value: string, types: number): string {
    const { slot, below } = this.layout.place(path);
    slot.written = true;
    this.#touched.add(slot.name);
    const there = this.made(slot.path[0]);
    if (below.length > 0) {
      const whole = slot.types & kinds.slice ? `${slot.name}r()` : slot.name;
      slot.types |= kinds.other;
      const at = this.ref(slot.path);
      const write = `${this.ref(compileWrite(path))}(part, ${value});`;
      // Also where it fails the parents that it made stay, as in a draft.
      return `${there}{ const part = ${this.ref(wrap)}(${whole}, ${at}); try { ${write} } finally { ${slot.name} = ${this.ref(unwrap)}(part, ${at}); } }`;
    }
    slot.types = this.conditional ? slot.types | types : types;
    return `${there}${slot.name} = ${value};`;
  }

  /** A statement that notes that a split field is there, where that matters. */
  made(name: string): string {
    const variable = this.layout.presence.get(name);
    if (variable === undefined) return "";
    this.#touched.add(variable);
    return `${variable} = true; `;
  }

  /** A statement that takes a field away and then runs `found`, where it is there. */
  remove(path: readonly string[], found: string): string {
    const { slot, below } = this.layout.place(path);
    this.#touched.add(slot.name);
    if (below.length > 0) {
      const whole = slot.types & kinds.slice ? `${slot.name}r()` : slot.name;
      return `if (${this.ref(removeBelow)}(${whole}, ${this.ref(below)})) { ${found} }`;
    }
    if (slot.types === kinds.absent) return "";
    slot.types = this.conditional ? slot.types | kinds.absent : kinds.absent;
    return `if (${slot.name} !== undefined) { ${slot.name} = undefined; ${found} }`;
  }

  /** True where a source reads a slot that was written since `untouch`. */
  touched(source: string): boolean {
    return [...source.matchAll(/\b([ps]\d+)[abrt]?\b/g)].some(([, name]) => this.#touched.has(name!));
  }

  untouch(): void {
    this.#touched.clear();
  }

  touchAll(): void {
    for (const { name } of this.layout.slots) this.#touched.add(name);
    for (const variable of this.layout.presence.values()) this.#touched.add(variable);
  }

  /** Wraps statements that put fields into `names`: what they name that has a slot goes there. */
  naming(write: () => string): string {
    const log = [...(this.layout.log?.values() ?? [])];
    const lend = log.flatMap(({ path, types }, at) =>
      types === kinds.absent ? [] : [`names.lent[${at}] = ${this.read(path)};`],
    );
    const source = write();
    const take = log.map((slot, at) => {
      slot.types = anything | kinds.slice;
      slot.written = true;
      slot.sliced = true;
      const { name } = slot;
      this.#touched.add(name);
      const ends = `${name}a = names.lentFrom[${at}]; ${name}b = names.lentTo[${at}]; ${name}t = undefined;`;
      return `${name} = lent[${at}]; lent[${at}] = undefined; if (${name} === slice) { ${ends} }`;
    });
    if (take.length === 0) return source;
    return `${lend.join(" ")} try { ${source} } finally { const { lent } = names; ${take.join(" ")} }`;
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

import { type Code, types, unsigned, type ValueType } from "./code.ts";

/** What a function takes and gives. */
interface Signature {
  readonly takes: readonly ValueType[];
  readonly gives: readonly ValueType[];
}

const text = (value: string): number[] => [...unsigned(value.length), ...Buffer.from(value, "latin1")];
const list = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
const section = (id: number, items: readonly (readonly number[])[]): number[] => {
  const content = list(items);
  return [id, ...unsigned(content.length), ...content];
};

/** A module of WebAssembly that is written while a pipeline is loaded. It works in a memory that it is given. */
export class EmittedModule {
  readonly #imports: { readonly name: string; readonly signature: Signature }[] = [];
  readonly #functions: { readonly name: string; readonly signature: Signature; readonly code: Code }[] = [];

  /** A function that the module is given. Imports come before functions. */
  import(name: string, takes: readonly ValueType[], gives: readonly ValueType[]): number {
    return this.#imports.push({ name, signature: { takes, gives } }) - 1;
  }

  /** Adds a function that gives nothing, and says its name. */
  add(takes: readonly ValueType[], code: Code): string {
    const name = `f${this.#functions.length}`;
    this.#functions.push({ name, signature: { takes, gives: [] }, code });
    return name;
  }

  get isEmpty(): boolean {
    return this.#functions.length === 0;
  }

  /** The bytes of the module. */
  bytes(): Uint8Array {
    const imports = this.#imports;
    const functions = this.#functions;
    const values = (some: readonly ValueType[]): number[] => list(some.map((type) => [types[type]]));
    const signatures = [...imports, ...functions].map(({ signature: { takes, gives } }) => [
      0x60,
      ...values(takes),
      ...values(gives),
    ]);
    return Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, signatures),
      ...section(2, [
        [...text("env"), ...text("memory"), 2, 0, 1],
        ...imports.map(({ name }, index) => [...text("env"), ...text(name), 0, ...unsigned(index)]),
      ]),
      ...section(
        3,
        functions.map((_, index) => unsigned(imports.length + index)),
      ),
      ...section(
        7,
        functions.map(({ name }, index) => [...text(name), 0, ...unsigned(imports.length + index)]),
      ),
      ...section(
        10,
        functions.map(({ code }) => code.body()),
      ),
    ]);
  }
}

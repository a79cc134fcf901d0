import { Bytes } from "./bytes.ts";
import { type Code, types, type ValueType } from "./code.ts";

/** What a function takes and gives. */
interface Signature {
  readonly takes: readonly ValueType[];
  readonly gives: readonly ValueType[];
}

const valuesTo = (out: Bytes, values: readonly ValueType[]): void => {
  out.unsigned(values.length);
  for (const value of values) out.u8(types[value]);
};

/** Puts a section down: how many items it has, then each as `write` does it. */
function sectionTo(out: Bytes, id: number, count: number, write: (content: Bytes) => void): void {
  const content = new Bytes();
  content.unsigned(count);
  write(content);
  out.u8(id);
  out.unsigned(content.size);
  out.raw(content.all);
}

/** A module of WebAssembly that is written while a pipeline is loaded. It works in a memory that it is given. */
export class EmittedModule {
  readonly #imports: { readonly name: string; readonly signature: Signature }[] = [];
  readonly #functions: {
    readonly name: string;
    readonly signature: Signature;
    readonly code: Pick<Code, "writeTo">;
  }[] = [];

  /** A function that the module is given. Imports come before functions. */
  import(name: string, takes: readonly ValueType[], gives: readonly ValueType[]): number {
    return this.#imports.push({ name, signature: { takes, gives } }) - 1;
  }

  /** Adds a function that gives nothing, and says its name. */
  add(takes: readonly ValueType[], code: Pick<Code, "writeTo">): string {
    const name = `f${this.#functions.length}`;
    this.#functions.push({ name, signature: { takes, gives: [] }, code });
    return name;
  }

  /** The number by which a function that was added is called, once all imports are there. */
  numberOf(name: string): number {
    return this.#imports.length + this.#functions.findIndex((each) => each.name === name);
  }

  /** The bytes of the module. */
  bytes(): Uint8Array<ArrayBuffer> {
    const imports = this.#imports;
    const functions = this.#functions;
    const all = [...imports, ...functions];
    const out = new Bytes();
    out.raw(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    sectionTo(out, 1, all.length, (types) => {
      for (const { signature } of all) {
        types.u8(0x60);
        valuesTo(types, signature.takes);
        valuesTo(types, signature.gives);
      }
    });
    sectionTo(out, 2, imports.length + 1, (content) => {
      content.text("env");
      content.text("memory");
      content.raw(Uint8Array.of(2, 0, 1));
      for (const [index, { name }] of imports.entries()) {
        content.text("env");
        content.text(name);
        content.u8(0);
        content.unsigned(index);
      }
    });
    sectionTo(out, 3, functions.length, (content) => {
      for (let index = 0; index < functions.length; index++) content.unsigned(imports.length + index);
    });
    sectionTo(out, 7, functions.length, (content) => {
      for (const [index, { name }] of functions.entries()) {
        content.text(name);
        content.u8(0);
        content.unsigned(imports.length + index);
      }
    });
    sectionTo(out, 10, functions.length, (content) => {
      for (const { code } of functions) code.writeTo(content);
    });
    return out.all;
  }
}

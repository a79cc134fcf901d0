import { Code, type EmittedModule, type Local, type ValueType } from "../../../kernels/index.ts";
import type { CompiledStep } from "../../plan.ts";

const letters = { i: "i32", f: "f64" } as const;

/** Functions of the kernel that work may call: what each takes, a letter a number, and whether it gives a number. */
const kernelFunctions = {
  logic: ["iiiii", true],
  exists: ["iii", false],
  begins: ["iiiiiii", true],
  among: ["iiiiii", false],
  words: ["iiiiiiii", true],
  compare: ["iiiiif", true],
  inNetwork: ["iiiiiiii", true],
  pick: ["iiiiii", true],
  trim: ["iiiiiiiiiii", false],
  trimWord: ["iiiiiiiii", false],
  remove: ["iiii", false],
  move: ["iiiiiii", false],
  copy: ["iiiiii", false],
  fill: ["iiiiii", false],
  mark: ["iiii", false],
  mapped: ["iiiii", false],
  digits: ["iiiiiii", true],
  truncate: ["iiii", false],
  booleansOf: ["iiii", false],
  spreadTexts: ["iiiii", false],
  check: ["iiiii", false],
  bounded: ["iiifii", false],
  times: ["iiiii", true],
  clear: ["iii", false],
} as const;

export type KernelFunction = keyof typeof kernelFunctions;

/** Work in one function: to compile one that has all of it takes megabytes at once, and what is allocated meanwhile keeps them. */
const mostTogether = 16;

/** Among the numbers of a call: how many rows the block has. */
export const rows = "rows";

/** A number that a function takes; one that is not known before all steps have written theirs is asked for then. */
export type WorkNumber = number | typeof rows | (() => number);

/** A call of a function of the kernel, or of one that the pipeline's module has, by its name there. */
export type WorkCall =
  | { readonly kernel: KernelFunction; readonly numbers: readonly WorkNumber[] }
  | { readonly own: string; readonly numbers: readonly WorkNumber[] };

/** Something that is done to a block. */
export type Work =
  | WorkCall
  /** In script, because no kernel does it. */
  | (() => void)
  /** One of two lists of work, by whether a call gives another number than 0. */
  | { readonly when: WorkCall; readonly body: readonly Work[]; readonly otherwise: readonly Work[] }
  /** Notes in a byte whether a call gives another number than 0. */
  | { readonly note: number; readonly of: WorkCall }
  /** Makes a byte 1. */
  | { readonly raise: number }
  /** Where a byte is not 0: work, and with `lower` the byte is 0 then. */
  | { readonly noted: number; readonly lower: boolean; readonly body: readonly Work[] }
  /** What is known only when all steps have written theirs. */
  | { readonly known: () => readonly Work[] }
  /** Nothing but a name, for people who tune pipelines. */
  | { readonly done: CompiledStep | string };

/** What script has to do to perform work by itself. */
export interface Performer {
  readonly memory: Uint8Array;
  call(call: WorkCall): number;
  done(what: CompiledStep | string): void;
}

/** Does work one by one: what is known only while a block is worked on, or somebody watches. */
export function perform(list: readonly Work[], by: Performer): void {
  for (const work of list) {
    if (typeof work === "function") work();
    else if ("when" in work) perform(by.call(work.when) === 0 ? work.otherwise : work.body, by);
    else if ("note" in work) by.memory[work.note] = by.call(work.of) === 0 ? 0 : 1;
    else if ("raise" in work) by.memory[work.raise] = 1;
    else if ("known" in work) perform(work.known(), by);
    else if ("done" in work) by.done(work.done);
    else if ("noted" in work) {
      if (by.memory[work.noted] === 0) continue;
      if (work.lower) by.memory[work.noted] = 0;
      perform(work.body, by);
    } else by.call(work);
  }
}

/** Writes work as one function of a module, so that script makes one call for a block. */
export class WorkCode {
  readonly #module: EmittedModule;
  readonly #lay: (bytes: Uint8Array) => number;
  readonly #kernel: ReadonlyMap<KernelFunction, number>;
  readonly #script: number;
  readonly #scripts: (() => void)[] = [];

  /** Imports what work may call, so before any function is written. `lay` is that of `Code`. */
  constructor(module: EmittedModule, lay: (bytes: Uint8Array) => number) {
    this.#module = module;
    this.#lay = lay;
    this.#kernel = new Map(
      (Object.keys(kernelFunctions) as KernelFunction[]).map((name) => {
        const [takes, gives] = kernelFunctions[name];
        const types = [...takes].map((letter): ValueType => letters[letter as keyof typeof letters]);
        return [name, module.import(name, types, gives ? ["i32"] : [])];
      }),
    );
    this.#script = module.import("script", ["i32"], []);
  }

  /** Runs what the function has to leave to script, by its number. */
  readonly script = (index: number): void => this.#scripts[index]!();

  /** The name of a function that takes how many rows there are. It calls others, each with some of the work. */
  write(list: readonly Work[]): string {
    const parts: Work[] = [];
    for (let first = 0; first < list.length; first += mostTogether) {
      const some = new Code(1, this.#lay);
      this.#list(some, list.slice(first, first + mostTogether));
      parts.push({ own: this.#module.add(["i32"], some), numbers: [rows] });
    }
    const code = new Code(1, this.#lay);
    this.#list(code, parts);
    return this.#module.add(["i32"], code);
  }

  #list(code: Code, list: readonly Work[]): void {
    for (const work of list) this.#one(code, work);
  }

  #one(code: Code, work: Work): void {
    if (typeof work === "function") code.i32(this.#scripts.push(work) - 1).call(this.#script);
    else if ("when" in work) {
      this.#call(code, work.when);
      const { body, otherwise } = work;
      code.if(
        () => this.#list(code, body),
        otherwise.length > 0 ? () => this.#list(code, otherwise) : undefined,
      );
    } else if ("note" in work) {
      code.i32(work.note);
      this.#call(code, work.of);
      code.i32(0).op("i32Ne").at("i32Store8");
    } else if ("known" in work) this.#list(code, work.known());
    else if ("raise" in work) code.i32(work.raise).i32(1).at("i32Store8");
    else if ("noted" in work) {
      code.i32(work.noted).at("i32Load8");
      code.if(() => {
        if (work.lower) code.i32(work.noted).i32(0).at("i32Store8");
        this.#list(code, work.body);
      });
    } else if (!("done" in work)) {
      this.#call(code, work);
      if ("kernel" in work && kernelFunctions[work.kernel][1]) code.op("drop");
    }
  }

  #call(code: Code, call: WorkCall): void {
    const takes = "kernel" in call ? kernelFunctions[call.kernel][0] : "";
    for (const [index, number] of call.numbers.entries())
      this.#number(code, takes[index] ?? "i", number, code.parameter(0));
    code.call("kernel" in call ? this.#kernel.get(call.kernel)! : this.#module.numberOf(call.own));
  }

  #number(code: Code, letter: string, number: WorkNumber, count: Local): void {
    if (number === rows) code.get(count);
    else {
      const known = typeof number === "function" ? number() : number;
      if (letter === "f") code.f64(known);
      else code.i32(known);
    }
  }
}

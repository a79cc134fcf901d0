import type { BlockKernel, EmittedFunction, EmittedModule } from "../../../kernels/index.ts";
import type { CompiledStep } from "../../plan.ts";
import {
  type KernelFunction,
  type Performer,
  perform,
  type Work,
  type WorkCall,
  WorkCode,
  type WorkNumber,
} from "./work.ts";

/** What is done to a block, in order: written down by steps, conditions and columns, then linked, then run for each block. */
export class BlockWork implements Performer {
  readonly memory: Uint8Array;
  readonly #kernel: BlockKernel;
  readonly #module: EmittedModule;
  readonly #code: WorkCode;
  #list: Work[] = [];
  #linked: readonly Work[] = [];
  #functions: Readonly<Record<string, EmittedFunction>> = {};
  #main: EmittedFunction = () => {};
  #count = 0;
  /** Told when a step has been done to a block, or something else that has a name: for people who tune pipelines. */
  onDone: ((what: CompiledStep | string) => void) | undefined;

  constructor(kernel: BlockKernel, module: EmittedModule) {
    this.memory = kernel.memory;
    this.#kernel = kernel;
    this.#module = module;
    this.#code = new WorkCode(module, (bytes) => kernel.lay(bytes));
  }

  /** Puts work behind what is there; what is done when it was linked comes behind all else of each block. */
  push(...work: readonly Work[]): void {
    this.#list.push(...work);
  }

  /** Puts a call of the kernel behind what is there. */
  kernel(name: KernelFunction, ...numbers: readonly WorkNumber[]): void {
    this.push({ kernel: name, numbers });
  }

  /** The same of a function of the module. */
  own(name: string, ...numbers: readonly WorkNumber[]): void {
    this.push({ own: name, numbers });
  }

  /** What `write` puts behind the work, as a list of its own. */
  apart(write: () => void): Work[] {
    const before = this.#list;
    const own: Work[] = [];
    this.#list = own;
    try {
      write();
    } finally {
      this.#list = before;
    }
    return own;
  }

  /** Writes what was put down as one function, and makes the functions of the module. */
  link(): void {
    this.#linked = this.#list;
    this.#list = [];
    const name = this.#code.write(this.#linked);
    this.#functions = this.#kernel.link(this.#module, { script: this.#code.script });
    this.#main = this.#functions[name]!;
  }

  /** Does the work to a block of so many rows. */
  run(count: number): void {
    this.#count = count;
    if (this.onDone) perform(this.#linked, this);
    else this.#main(count);
    perform(this.#list, this);
  }

  call(call: WorkCall): number {
    const numbers = call.numbers.map((number) => {
      if (number === "rows") return this.#count;
      return typeof number === "function" ? number() : number;
    });
    const callee = "own" in call ? this.#functions[call.own] : this.#kernel.calls[call.kernel];
    return Number((callee as (...numbers: number[]) => unknown)(...numbers) ?? 0);
  }

  done(what: CompiledStep | string): void {
    this.onDone?.(what);
  }
}

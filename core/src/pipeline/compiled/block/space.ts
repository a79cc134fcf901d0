import {
  BlockFull,
  BlockKernel,
  type BlockSlot,
  blockRows,
  type EmittedFunction,
  EmittedModule,
} from "../../../kernels/index.ts";
import type { Layout, Slot } from "../layout.ts";
import { given } from "../layout.ts";
import { asciiText } from "../slices.ts";

/** What `BlockKernel.calls.logic` does. */
export const logic = { and: 0, or: 1, without: 2, not: 3 } as const;

/** Kinds of values in the slots of a block. */
export const kind = { absent: 0, text: 1, number: 2, boolean: 3 } as const;

/** Thrown while a pipeline is compiled: it has no form for blocks. */
export class NoBlock extends Error {}

/** Room that slots, masks and programs of a pipeline may take, by slot and by step. */
const slotBytes = 10 << 10;
const stepBytes = 12 << 10;

/** The slots of a pipeline for many rows at once, with what its steps and conditions share. */
export class BlockSpace {
  readonly kernel: BlockKernel;
  /** 1 for rows that are left to the plain program. */
  readonly open: number;
  readonly raw: BlockSlot;
  /** What is done to a block, in order. */
  readonly work: (() => void)[] = [];
  /** Of the block that is worked on. */
  count = 0;
  /** When its lines were read, as RFC 3339. */
  timestamp = "";
  /** Code of the steps, until `link`. */
  readonly module = new EmittedModule();
  /** The number of the kernel's `find` in that. */
  readonly find = this.module.import("find", ["i32", "i32", "i32", "i32", "i32"], ["i32"]);
  #functions: Readonly<Record<string, EmittedFunction>> = {};
  readonly #layout: Layout;
  readonly #slots = new Map<Slot, BlockSlot>();
  /** Where the kinds of all slots but the line lie. */
  readonly #cleared: number[] = [];
  /** How often a slot has been written by the steps so far. */
  readonly #versions = new Map<BlockSlot, number>();

  /** Undefined where there is no WebAssembly. Throws NoBlock. */
  static open(layout: Layout, steps: number): BlockSpace | undefined {
    const kernel = BlockKernel.open(layout.slots.length * slotBytes + (steps + 8) * stepBytes);
    return kernel && new BlockSpace(kernel, layout);
  }

  private constructor(kernel: BlockKernel, layout: Layout) {
    this.kernel = kernel;
    this.#layout = layout;
    this.open = kernel.mask();
    this.raw = kernel.slot();
    for (const slot of layout.slots) {
      if (slot.path[0] === "raw") this.#slots.set(slot, this.raw);
      else if (!given.has(slot.path[0])) {
        const own = kernel.slot();
        this.#slots.set(slot, own);
        this.#cleared.push(own.kindsAt);
      }
    }
  }

  /** Makes the functions of the module, once all steps have written theirs. */
  link(): void {
    if (!this.module.isEmpty) this.#functions = this.kernel.link(this.module);
  }

  /** Calls a function of the module. */
  call(name: string, ...numbers: number[]): void {
    this.#functions[name]!(...numbers);
  }

  /** The slot of a path; undefined where that is no slot of its own, or one that every log begins with. */
  at(path: readonly string[]): BlockSlot | undefined {
    const { slot, below } = this.#layout.place(path);
    return below.length === 0 ? this.#slots.get(slot) : undefined;
  }

  of(slot: Slot): BlockSlot | undefined {
    return this.#slots.get(slot);
  }

  /** Notes that a step writes a slot, so that what was asked before is asked again. */
  writes(slot: BlockSlot): void {
    this.#versions.set(slot, this.version(slot) + 1);
  }

  version(slot: BlockSlot): number {
    return this.#versions.get(slot) ?? 0;
  }

  clear(mask: number): void {
    this.kernel.memory.fill(0, mask, mask + this.count);
  }

  isOpen(row: number): boolean {
    return this.kernel.memory[this.open + row] === 1;
  }

  openRow(row: number): void {
    this.kernel.memory[this.open + row] = 1;
  }

  /** Makes all slots but the line empty. */
  reset(): void {
    const { memory } = this.kernel;
    for (const at of this.#cleared) memory.fill(0, at, at + this.count);
  }

  /** Words as a list for `BlockKernel.calls.words`; those that are not ASCII are in no line and left out. */
  list(words: readonly string[]): { readonly at: number; readonly size: number } {
    const ascii = words.filter((word) => /^[\0-\x7f]*$/.test(word));
    const places = ascii.flatMap((word) => [this.kernel.put(Buffer.from(word, "latin1")), word.length]);
    return { at: this.kernel.putWords(places), size: ascii.length };
  }

  text(from: number, to: number): string {
    return asciiText(this.kernel.memory, from, to);
  }

  /** The value of a row. */
  value({ kinds, places, numbers }: BlockSlot, row: number): unknown {
    switch (kinds[row]) {
      case kind.text:
        return this.text(places[row * 2]!, places[row * 2 + 1]!);
      case kind.number:
        return numbers[row];
      case kind.boolean:
        return places[row * 2] === 1;
      default:
        return undefined;
    }
  }

  /** Calls `use` for each distinct text of a slot, then `each` for each row with a text and what `use` gave for it. */
  eachText<T>(slot: BlockSlot, use: (text: string) => T, each: (row: number, made: T) => void): void {
    const { kernel, count } = this;
    const distinct = kernel.distinct(slot, 0, count);
    const made: T[] = new Array(distinct + 1);
    for (let id = 1; id <= distinct; id++) {
      const row = kernel.firstRow(id);
      made[id] = use(this.text(slot.places[row * 2]!, slot.places[row * 2 + 1]!));
    }
    const { ids } = kernel;
    for (let row = 0; row < count; row++) if (ids[row] !== 0) each(row, made[ids[row]!]!);
  }
}

export { BlockFull, blockRows };

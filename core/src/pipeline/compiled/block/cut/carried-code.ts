import { hash } from "node:crypto";
import {
  type BlockKernel,
  type BlockSlot,
  Bytes,
  type Code,
  type EmittedModule,
  type ValueType,
} from "../../../../kernels/index.ts";
import type { Automaton } from "../../../regex/index.ts";
import { Unwritten } from "./outlook.ts";

/** What code of a pipeline is written into, and what it works in. */
export interface CutSpace {
  readonly module: Pick<EmittedModule, "add">;
  /** The number of `find` in it. */
  readonly find: number;
  readonly kernel: Pick<BlockKernel, "lay" | "tableWords">;
  /** Becomes 1 for rows that are left to the plain program. */
  readonly open: number;
  /** Functions that need not be written. */
  readonly carried?: CarriedCode | undefined;
}

/** A function that was written once, as a build carries it. */
export interface CarriedFunction {
  /** As the code section of a module has it, a character a byte; left out where what was asked for has no code. */
  readonly code?: string;
  /** What it laid into the kernel's memory and where, in order: 16 bytes, a character each, or the words of an automaton, by its number. */
  readonly laid: readonly (readonly [at: number, what: string | number])[];
}

/** A function that is asked for. */
export interface AskedFunction {
  readonly takes: readonly ValueType[];
  /** All that its code depends on, places in the memory among it. */
  readonly what: unknown;
  /** Those whose words it may lay down. */
  readonly automata?: readonly (Automaton | undefined)[];
}

/** A slot as part of what code depends on. */
export const placesOf = (slot: BlockSlot | undefined): readonly number[] =>
  slot ? [slot.kindsAt, slot.valuesAt] : [];

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");

/** Lays down what a function did when it was written. False where that does not come to lie in the same places. */
const isLaid = ({ laid }: CarriedFunction, { kernel }: CutSpace, { automata }: AskedFunction): boolean =>
  laid.every(([at, what]) => {
    if (typeof what === "string") return kernel.lay(Buffer.from(what, "latin1")) === at;
    const automaton = automata?.[what];
    return automaton !== undefined && kernel.tableWords(automaton) === at;
  });

/** Writes a function, and notes what a build has to carry of it. */
function noted(space: CutSpace, asked: AskedFunction, write: (space: CutSpace) => Code) {
  const { kernel } = space;
  const laid: (readonly [number, string | number])[] = [];
  const note = (at: number, what: string | number): number => {
    laid.push([at, what]);
    return at;
  };
  const watched: CutSpace["kernel"] = {
    lay: (bytes) => note(kernel.lay(bytes), textOf(bytes)),
    tableWords: (automaton) =>
      note(kernel.tableWords(automaton), asked.automata?.findIndex((one) => one === automaton) ?? -1),
  };
  try {
    const code = write({ module: space.module, find: space.find, open: space.open, kernel: watched });
    const out = new Bytes();
    code.writeTo(out);
    return { code, made: { code: textOf(out.all), laid } };
  } catch (error) {
    if (error instanceof Unwritten) return { error, made: { laid } };
    throw error;
  }
}

/** The name of a function of the module: as the build carries it, where it is the same, else as `write` writes it. Throws Unwritten. */
export function functionOf(space: CutSpace, asked: AskedFunction, write: (space: CutSpace) => Code): string {
  const { carried, module, open, find } = space;
  if (!carried) return module.add(asked.takes, write(space));
  const text = JSON.stringify([asked.takes, asked.what, open, find]);
  return carried.add(hash("sha256", text, "base64url").slice(0, 16), space, asked, write);
}

type Note = (key: string, made: CarriedFunction) => void;

/** Functions that a build carries for a pipeline, by what they depend on (docs/decisions/0311). */
export class CarriedCode {
  /** How many functions were written anew all the same. */
  written = 0;
  readonly #known: Readonly<Record<string, CarriedFunction>>;
  readonly #note: Note | undefined;

  /** `note` is told of each function that is written. */
  constructor(known: Readonly<Record<string, CarriedFunction>>, note?: Note) {
    this.#known = known;
    this.#note = note;
  }

  /** How often each function was asked for, by module: steps that are alike lay down their automata each at another place. */
  readonly #asked = new WeakMap<CutSpace["module"], Map<string, number>>();

  add(name: string, space: CutSpace, asked: AskedFunction, write: (space: CutSpace) => Code): string {
    const key = this.#keyOf(name, space.module);
    const known = Object.hasOwn(this.#known, key) ? this.#known[key] : undefined;
    if (known && isLaid(known, space, asked)) {
      const { code } = known;
      if (code === undefined) throw new Unwritten();
      const writeTo: Code["writeTo"] = (out) => out.raw(Buffer.from(code, "latin1"));
      return space.module.add(asked.takes, { writeTo });
    }
    this.written++;
    if (!this.#note) return space.module.add(asked.takes, write(space));
    const { code, error, made } = noted(space, asked, write);
    this.#note(key, made);
    if (!code) throw error;
    return space.module.add(asked.takes, code);
  }

  #keyOf(name: string, module: CutSpace["module"]): string {
    const asked = this.#asked.get(module) ?? new Map<string, number>();
    this.#asked.set(module, asked);
    const before = asked.get(name) ?? 0;
    asked.set(name, before + 1);
    return before === 0 ? name : `${name}.${before}`;
  }
}

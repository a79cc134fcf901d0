import { BlockFull, type BlockKernel, type BlockSlot } from "../../../kernels/index.ts";
import type { BlockStep } from "./block-step.ts";
import type { BlockWork } from "./block-work.ts";
import { logic } from "./kinds.ts";
import { rows } from "./work.ts";

/** Most objects that lines name of which it is known whether they are there. */
export const mostLate = 32;

/** In which rows an object is there, be it empty: a mask that steps add to, and how often it may have changed so far. */
export interface Presence {
  readonly mask: number;
  version: number;
}

/** What is needed of a space. */
interface PresenceSpace {
  readonly kernel: BlockKernel;
  readonly work: BlockWork;
  readonly count: number;
  below(name: string): BlockSlot[];
  logic(operation: number, a: number, b: number, out: number): void;
}

/** Which objects are there, for those of which that is asked, or which steps take away or go through. */
export class Presences {
  readonly #space: PresenceSpace;
  readonly #clear: (mask: number) => void;
  readonly #known = new Map<string, Presence>();
  /** Of objects that lines were the first to name. */
  readonly #late = new Map<string, Presence>();
  readonly #scratch: number;

  /** `clear` is told of masks that are zero when a block begins. */
  constructor(space: PresenceSpace, clear: (mask: number) => void) {
    this.#space = space;
    this.#clear = clear;
    this.#scratch = space.kernel.mask();
  }

  /** Undefined for an object of which it is not kept. */
  of(name: string): Presence | undefined {
    return this.#known.get(name) ?? this.#late.get(name);
  }

  /** Names of the objects directly below a top-level one of which it is kept. */
  names(top: string): string[] {
    return [...this.#known.keys()].flatMap((own) => {
      const [first, name, ...deeper] = own.split(".");
      return first === top && name !== undefined && deeper.length === 0 ? name : [];
    });
  }

  /** Keeps it from now on. */
  keep(names: readonly string[]): void {
    for (const name of names) this.#known.set(name, this.#made());
  }

  #made(): Presence {
    const mask = this.#space.kernel.mask();
    this.#clear(mask);
    return { mask, version: 0 };
  }

  /** The same of an object that a line is the first to name. Undefined where there is no room. */
  keepLate(name: string): Presence | undefined {
    const known = this.of(name);
    if (known || this.#late.size >= mostLate) return known;
    try {
      const made = this.#made();
      this.#late.set(name, made);
      return made;
    } catch (error) {
      if (!(error instanceof BlockFull)) throw error;
      return undefined;
    }
  }

  /** Of an object and of those below it that steps name. */
  from(name: string): Presence[] {
    const within = `${name}.`;
    return [...this.#known].flatMap(([own, presence]) =>
      own === name || own.startsWith(within) ? presence : [],
    );
  }

  /** Notes in script that objects are gone in the rows of a mask which lines have named, by how their names begin. */
  takeLate(within: string, mask: number): void {
    const { kernel, count } = this.#space;
    for (const [own, there] of this.#late)
      if (own.startsWith(within)) kernel.calls.logic(logic.without, there.mask, mask, there.mask, count);
  }

  /**
   * Puts behind the work what is known by what a step has written, for rows of a mask where it makes a field there whatever it found. `nests`: it
   * has noted itself what is there below the top.
   */
  note(
    slots: readonly BlockSlot[],
    mask: number,
    { makes, nests }: Pick<BlockStep, "makes" | "nests"> = {},
  ): void {
    const space = this.#space;
    for (const [name, presence] of this.#known) {
      presence.version++;
      if (makes === name || makes?.startsWith(`${name}.`))
        space.logic(logic.or, presence.mask, mask, presence.mask);
      if (nests && name.includes(".")) continue;
      const below = space.below(name);
      for (const slot of slots) {
        if (!below.includes(slot)) continue;
        space.work.kernel("exists", slot.kindsAt, this.#scratch, rows);
        space.logic(logic.or, presence.mask, this.#scratch, presence.mask);
      }
    }
  }
}

import type { BlockSlot } from "../../../kernels/index.ts";
import { kind } from "./kinds.ts";

/** Values that a step may leave in a slot. */
export interface Given {
  /** Their kinds, a bit for each. */
  readonly kinds: number;
  /** The text that they all are; without it, texts among them are any but the empty one. */
  readonly text?: string;
}

const textKinds = 1 << kind.text;

/** Texts of which none is empty, as a grok leaves them: what it keeps begins with something else than white space. */
export const someText: readonly Given[] = [{ kinds: textKinds }];
export const someTextOrNumber: readonly Given[] = [{ kinds: textKinds | (1 << kind.number) }];
export const someNumber: readonly Given[] = [{ kinds: 1 << kind.number }];
export const someBoolean: readonly Given[] = [{ kinds: 1 << kind.boolean }];

/** One text; undefined for the empty one, of which columns have to know. */
export const givenText = (text: string): readonly Given[] | undefined =>
  text === "" ? undefined : [{ kinds: textKinds, text }];

/** What the steps so far may have left in the slots of a block. */
export class Givens {
  readonly #known = new Map<BlockSlot, readonly Given[] | undefined>();

  /** Adds what one more step leaves; undefined stands for anything. */
  add(slot: BlockSlot, gives: readonly Given[] | undefined): void {
    const before = this.#known.has(slot) ? this.#known.get(slot) : [];
    this.#known.set(slot, before && gives && [...before, ...gives]);
  }

  /** Undefined where it may be anything, or no step writes the slot: then lines may bring it. */
  of(slot: BlockSlot): readonly Given[] | undefined {
    return this.#known.get(slot);
  }

  /** What some slots hold together. */
  ofAll(slots: readonly BlockSlot[]): readonly Given[] | undefined {
    const all = slots.map((slot) => this.of(slot));
    return all.every((one) => one !== undefined) ? all.flat() : undefined;
  }

  /** True where all values are of some kinds, and none is an empty text. */
  areOf(slot: BlockSlot, kinds: number): boolean {
    return this.of(slot)?.every((given) => (given.kinds & ~kinds) === 0) ?? false;
  }

  /** True where a slot holds nothing but texts of steps that hold all of `fits`. */
  areTexts(slot: BlockSlot, fits: (text: string) => boolean): boolean {
    return this.of(slot)?.every(({ text }) => text !== undefined && fits(text)) ?? false;
  }
}

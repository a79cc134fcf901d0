import type { BlockSlot, Constant } from "../../../kernels/index.ts";

/** Slots that hold nothing but a few texts of steps: in place of a kind they have the number of the text of each row. */
export class ConstantSlots {
  readonly #texts = new Map<BlockSlot, readonly Constant[]>();

  add(slot: BlockSlot, texts: readonly Constant[]): void {
    this.#texts.set(slot, texts);
  }

  /** The texts of a slot, each with the number that comes behind its place; undefined where it is no such slot. */
  of(slot: BlockSlot): readonly Constant[] | undefined {
    return this.#texts.get(slot);
  }

  /** The number of a text in a slot that is one of these; undefined for other slots. */
  numberOf(slot: BlockSlot, text: string): number | undefined {
    const texts = this.#texts.get(slot);
    return texts && texts.findIndex((one) => one.text === text) + 1;
  }
}

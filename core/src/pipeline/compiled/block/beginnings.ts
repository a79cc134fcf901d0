import { type BlockSlot, blockRows } from "../../../kernels/index.ts";
import type { BlockSpace } from "./space.ts";

const mostWords = 64;
const exact = 0x8000_0000;
/** Of each word: its place, its length, and its first eight bytes with a mask for them. */
const wordBytes = 24;

/** Words that the texts of a slot may begin with, or be, looked for together. */
export class Beginnings {
  readonly #space: BlockSpace;
  readonly #slot: BlockSlot;
  readonly #noted: number;
  readonly #list: number;
  readonly #firsts: number;
  /** The bit of each word, by whether it has to be all of the text. */
  readonly #bits = [new Map<string, bigint>(), new Map<string, bigint>()] as const;
  #size = 0;
  /** Rows of the last block whose value is no text. */
  others = 0;

  /** Puts the search behind what `space.work` has. Words may be added until the first block. */
  constructor(space: BlockSpace, slot: BlockSlot) {
    const { kernel } = space;
    this.#space = space;
    this.#slot = slot;
    this.#noted = kernel.take(blockRows * 8);
    this.#list = kernel.take(mostWords * wordBytes);
    this.#firsts = kernel.take(257 * 8);
    space.work.push(() => {
      const { kindsAt, valuesAt } = this.#slot;
      this.others = kernel.calls.begins(
        kindsAt,
        valuesAt,
        this.#noted,
        space.count,
        this.#list,
        this.#size,
        this.#firsts,
      );
    });
  }

  /** True where so many words more have room. */
  hasRoom(words: number): boolean {
    return this.#size + words <= mostWords;
  }

  /** Adds words, of which one may be empty where `whole`; gives what writes a mask of the rows that begin with one or, where `whole`, are one. */
  add(words: readonly string[], whole: boolean): (out: number) => void {
    const { kernel } = this.#space;
    const view = new DataView(kernel.memory.buffer);
    let wanted = 0n;
    for (const word of words) {
      // A word that is not ASCII is in no text.
      if (!/^[\0-\x7f]*$/.test(word)) continue;
      const bits = this.#bits[whole ? 1 : 0];
      const known = bits.get(word);
      if (known !== undefined) {
        wanted |= known;
        continue;
      }
      const bit = 1n << BigInt(this.#size);
      bits.set(word, bit);
      const at = this.#list + this.#size++ * wordBytes;
      const place = kernel.put(Buffer.from(word, "latin1"));
      view.setUint32(at, place, true);
      view.setUint32(at + 4, whole ? word.length + exact : word.length, true);
      // Behind a word there are zeros.
      view.setBigUint64(at + 8, view.getBigUint64(place, true), true);
      view.setBigUint64(at + 16, BigInt.asUintN(8 * Math.min(8, word.length), -1n), true);
      const first = this.#firsts + (word === "" ? 256 : word.charCodeAt(0)) * 8;
      view.setBigUint64(first, view.getBigUint64(first, true) | bit, true);
      wanted |= bit;
    }
    return (out) => kernel.calls.bits(this.#noted, wanted, out, this.#space.count);
  }
}

import type { BlockKernel, BlockSlot } from "../../../kernels/index.ts";
import { isAscii, kind } from "./kinds.ts";

/** Texts that steps make while a block is worked on, and what may be read behind them. */
export const madeBytes = 128 << 10;
const slack = 64;

/** Node's own writing call; it is missing from its types. */
type Writable = Buffer & { latin1Write(text: string, at: number): number };

/** Where a text lies. */
export interface MadeText {
  readonly from: number;
  readonly to: number;
}

/** Texts that lie in no line: those that a pipeline names, and those that steps make of a block. */
export class MadeTexts {
  readonly #kernel: BlockKernel;
  readonly #made = new Map<string, MadeText>();
  readonly #madeAt: number;
  #madeUsed = 0;
  readonly #buffer: Writable;
  readonly #constants = new Map<string, MadeText>();

  constructor(kernel: BlockKernel) {
    this.#kernel = kernel;
    this.#madeAt = kernel.take(madeBytes + slack);
    const { buffer, byteLength } = kernel.memory;
    this.#buffer = Buffer.from(buffer, 0, byteLength) as Writable;
  }

  /** A text that holds for good. Undefined where it is not ASCII. Throws BlockFull. */
  constant(text: string): MadeText | undefined {
    if (!isAscii(text)) return undefined;
    const known = this.#constants.get(text);
    if (known) return known;
    const from = this.#kernel.put(Buffer.from(text, "latin1"));
    const made = { from, to: from + text.length };
    this.#constants.set(text, made);
    return made;
  }

  /** A text that holds as long as the block, laid down once. Undefined where it is not ASCII or there is no room. */
  made(text: string): MadeText | undefined {
    const known = this.#made.get(text);
    if (known) return known;
    const size = text.length;
    if (this.#madeUsed + size > madeBytes || !isAscii(text)) return undefined;
    const from = this.#madeAt + this.#madeUsed;
    this.#buffer.latin1Write(text, from);
    this.#madeUsed += size;
    const made = { from, to: from + size };
    this.#made.set(text, made);
    return made;
  }

  /** Puts a text into a slot that is mostly a part of one that begins at `base`. False where there is no room for it. */
  putPart(slot: BlockSlot, row: number, value: string, whole: string, base: number): boolean {
    const at = whole.indexOf(value);
    const from = at < 0 ? this.made(value)?.from : base + at;
    if (from === undefined) return false;
    slot.kinds[row] = kind.text;
    slot.places[row * 2] = from;
    slot.places[row * 2 + 1] = from + value.length;
    return true;
  }

  /** Forgets those of the last block. */
  reset(): void {
    this.#made.clear();
    this.#madeUsed = 0;
  }
}

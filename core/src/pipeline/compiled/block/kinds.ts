import type { BlockSlot } from "../../../kernels/index.ts";

/** What `BlockKernel.calls.logic` does. */
export const logic = { and: 0, or: 1, without: 2, not: 3 } as const;

/** Kinds of values in the slots of a block. */
export const kind = { absent: 0, text: 1, number: 2, boolean: 3, null: 4, tree: 5 } as const;

/** True for a text that may stand in a line of a block. */
export const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

/** A field below a value that a slot holds whole, such as the first of a list. */
export interface Below {
  readonly slot: BlockSlot;
  readonly path: readonly string[];
}

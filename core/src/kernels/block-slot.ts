/** A slot of a block: where its kinds and its values lie, and views of them. */
export interface BlockSlot {
  readonly kindsAt: number;
  readonly valuesAt: number;
  /** By row: 0 absent, 1 a text, 2 a number, 3 a boolean. */
  readonly kinds: Uint8Array;
  /** Two words a row: where a text begins and ends in the memory; a boolean is the first. */
  readonly places: Uint32Array;
  readonly numbers: Float64Array;
}

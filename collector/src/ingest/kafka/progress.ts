/**
 * How far a partition is done. Records are finished in any order; what may be committed is where all before are done:
 * never past a hole.
 */
export class Progress {
  readonly #open: { readonly offset: bigint; done: boolean }[] = [];
  #reached: bigint | undefined;
  #committed: bigint | undefined;

  /** Records begun and not finished, and finished ones behind one of those. */
  get pending(): number {
    return this.#open.length;
  }

  /** Notes that a record is begun, in the order of offsets, and gives what notes that it is finished. */
  begin(offset: bigint): () => void {
    const entry = { offset, done: false };
    this.#open.push(entry);
    return () => {
      entry.done = true;
      while (this.#open[0]?.done) {
        // Offsets may have gaps, so the place behind a record is all that is known of the next.
        this.#reached = (this.#open.shift()?.offset ?? 0n) + 1n;
      }
    };
  }

  /** The offset to commit; undefined where the group knows it already. */
  get due(): bigint | undefined {
    return this.#reached === this.#committed ? undefined : this.#reached;
  }

  committed(offset: bigint): void {
    this.#committed = offset;
  }
}

/** Sequences kept individually above the contiguous mark; an agent's window is far smaller. */
const maxAbove = 65_536;

interface Mark {
  /** Every sequence up to and including this one is stored. */
  through: number;
  readonly above: Set<number>;
}

/** One stored batch, as the `batches` table has it. */
export interface StoredBatch {
  readonly agentId: string;
  readonly epoch: number;
  readonly sequence: number;
}

/**
 * Which batches are stored, as a high-water mark per agent and epoch plus the ones above it.
 * It drops repeats for ever, where ClickHouse's deduplication window forgets. Filled from the `batches` table at start.
 */
export class Ledger {
  readonly #marks = new Map<string, Mark>();

  has({ agentId, epoch, sequence }: StoredBatch): boolean {
    const mark = this.#marks.get(keyOf(agentId, epoch));
    return mark !== undefined && (sequence <= mark.through || mark.above.has(sequence));
  }

  add({ agentId, epoch, sequence }: StoredBatch): void {
    const key = keyOf(agentId, epoch);
    let mark = this.#marks.get(key);
    if (!mark) {
      mark = { through: -1, above: new Set() };
      this.#marks.set(key, mark);
    }
    if (sequence <= mark.through) return;
    mark.above.add(sequence);
    while (mark.above.delete(mark.through + 1)) mark.through++;
    // Only a gap can grow the set. An agent sends in order and never skips, so a gap this old never fills.
    if (mark.above.size > maxAbove) {
      mark.through = Math.min(...mark.above);
      while (mark.above.delete(mark.through)) mark.through++;
      mark.through--;
    }
  }

  /**
   * Takes what the store knows of an agent's life: every stored sequence from `from` on. What lies before `from` counts
   * as stored, a hole behind it does not: batches are stored side by side, so a later one may be there without an
   * earlier one. Adds to what is known: another collector may have stored since.
   */
  restore(agentId: string, epoch: number, from: number, sequences: readonly number[]): void {
    const mark = this.#marks.get(keyOf(agentId, epoch));
    const through = Math.max(from - 1, mark?.through ?? -1);
    const above = [...(mark?.above ?? [])].filter((sequence) => sequence > through);
    this.#marks.set(keyOf(agentId, epoch), { through, above: new Set() });
    for (const sequence of above) this.add({ agentId, epoch, sequence });
    for (const sequence of sequences) this.add({ agentId, epoch, sequence });
  }
}

const keyOf = (agentId: string, epoch: number): string => `${epoch}:${agentId}`;

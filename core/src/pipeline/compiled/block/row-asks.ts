import type { BlockSlot } from "../../../kernels/index.ts";
import type { Automaton } from "../../regex/index.ts";
import { type BlockSpace, kind, logic } from "./space.ts";

/** True for a value that passes; absent ones are never asked. */
export type Holds = (value: unknown) => boolean;

/** Answers in script, for rows of which no kernel knows. */
export class RowAsks {
  readonly #space: BlockSpace;

  constructor(space: BlockSpace) {
    this.#space = space;
  }

  /** Asks rows whose value is of none of the kinds that a kernel knows. */
  others(slot: BlockSlot, out: number, known: number, holds: Holds): void {
    const { kinds } = slot;
    for (let row = 0; row < this.#space.count; row++)
      if (kinds[row] !== kind.absent && kinds[row] !== known) this.row(slot, out, row, holds);
  }

  row(slot: BlockSlot, out: number, row: number, holds: Holds): void {
    try {
      this.#space.kernel.memory[out + row] = holds(this.#space.value(slot, row)) ? 1 : 0;
    } catch {
      this.#space.kernel.memory[out + row] = 0;
      this.#space.openRow(row);
    }
  }

  /** Each distinct text once, and what is no text row by row. */
  each(slot: BlockSlot, mask: number, out: number, holds: Holds): void {
    const { calls, memory } = this.#space.kernel;
    if (calls.logic(logic.and, mask, mask, out, this.#space.count) === 0) return;
    this.#space.clear(out);
    const verdict = (text: string): number => {
      try {
        return holds(text) ? 1 : 0;
      } catch {
        return 2;
      }
    };
    this.#space.eachText(slot, verdict, (row, answer) => {
      memory[out + row] = answer & 1;
      if (answer === 2) this.#space.openRow(row);
    });
    this.others(slot, out, kind.text, holds);
  }

  /** Asks rows of which an automaton does not know, which makes the states that they need. */
  learn(slot: BlockSlot, mask: number, out: number, automaton: Automaton, holds: Holds): void {
    const { memory } = this.#space.kernel;
    const { kinds, places } = slot;
    for (let row = 0; row < this.#space.count; row++) {
      if (
        memory[mask + row] === 0 ||
        kinds[row] === kind.absent ||
        (kinds[row] === kind.text && memory[out + row] !== 2)
      )
        continue;
      // Its bytes may be such as no automaton knows.
      if (this.#space.isOpen(row)) {
        memory[out + row] = 0;
        continue;
      }
      const found =
        kinds[row] === kind.text ? automaton.test(memory, places[row * 2]!, places[row * 2 + 1]!) : undefined;
      if (found === undefined) this.row(slot, out, row, holds);
      else memory[out + row] = found ? 1 : 0;
    }
  }
}

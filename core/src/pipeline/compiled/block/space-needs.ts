import { blockRows, memoBytes } from "../../../kernels/index.ts";
import { madeBytes } from "./made-texts.ts";
import { mostLate } from "./presence.ts";

/** Room that slots, masks and programs of a pipeline may take, by slot and by step. */
const slotBytes = blockRows * 10;
const stepBytes = blockRows * 12;
/** Most fields of `log` whose names come with the lines; rows with more are left to the plain program. */
export const mostNamed = 96;
/** The same beside these where steps put whole objects elsewhere: there each field has two slots. */
const mostMoved = 160;

/** What a pipeline needs of a space. */
export interface SpaceNeeds {
  /** Steps and conditions, those inside others too. */
  readonly steps: number;
  /** Steps that put fields below `log` under names of the log. */
  readonly naming: number;
  /** Steps among them that put objects there with all that is in them. */
  readonly nesting: number;
  /** Steps that put whole objects elsewhere. */
  readonly moving: number;
  /** Objects into which steps read JSON. */
  readonly expanded: ReadonlySet<string>;
  /** Bytes of texts that steps lay down for good. */
  readonly constants: number;
}

/** How many fields lines may name. */
export const namesFor = ({ naming, moving }: SpaceNeeds): number =>
  naming === 0 ? 0 : mostNamed + (moving > 0 ? mostMoved : 0);

/** Bytes of memory for a pipeline whose steps name so many slots. What is not used takes none. */
export function roomFor(slots: number, needs: SpaceNeeds): number {
  const { steps, naming, nesting, constants } = needs;
  const named = namesFor(needs) + (nesting > 0 ? mostLate : 0);
  // What is only put elsewhere is no column, and remembers no texts.
  const columns = slots + (naming > 0 ? mostNamed : 0);
  const texts = columns * memoBytes + madeBytes + ((constants + 15) & ~15);
  return (slots + named) * slotBytes + texts + (steps + 8) * stepBytes;
}

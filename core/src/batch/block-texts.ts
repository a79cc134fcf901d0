import type { Dictionary } from "./dictionary.ts";
import type { KeyIndex } from "./key-index.ts";
import type { SliceList } from "./slice-list.ts";
import type { ValueBlock } from "./value-block.ts";

/** Of so many values that come together first, half differing, none are looked for in a dictionary. */
export const probeTogether = 256;
/** Of fewer it is believed that they differ as those of the batch before did. */
const probeAgain = 32;

/** Whether the texts of a column differ in a new batch as they did in the one before: three of four do. */
export function stillDiffers(
  dictionary: Dictionary,
  first: number,
  count: number,
  block: ValueBlock,
  dense: boolean,
): boolean {
  const fresh = block.look(dictionary, first, Math.min(count, probeTogether), dense);
  return fresh < 0 || block.lookedRows < probeAgain || fresh * 4 >= block.lookedRows * 3;
}

/** Adds rows from one on where a block has more texts than can be looked for together. Gives how many were added. */
export function addEach(
  index: KeyIndex,
  dictionary: Dictionary,
  row: number,
  first: number,
  count: number,
  { kinds, places, bytes }: ValueBlock,
  dense: boolean,
): number {
  let added = 0;
  for (let at = first; at < first + count; at++) {
    if (kinds[at] === 1)
      index.set(row + added++, dictionary.keyOf(bytes, places[at * 2]!, places[at * 2 + 1]!));
    else if (!dense) index.set(row + added++, 0);
  }
  return added;
}

/** Adds texts of a block of which is not known where their lines are. Gives how many were added. */
export function addOwn(
  slices: SliceList,
  first: number,
  count: number,
  { kinds, places, bytes }: ValueBlock,
  dense: boolean,
): number {
  const before = slices.count;
  for (let row = first; row < first + count; row++) {
    if (kinds[row] === 1) slices.range(bytes, places[row * 2]!, places[row * 2 + 1]!);
    else if (!dense) slices.skipTo(slices.count + 1);
  }
  return slices.count - before;
}

import type { z } from "zod";
import type { BlockSlot } from "../../../kernels/index.ts";
import { compilePath, textOf } from "../../paths/index.ts";
import type { json } from "../../steps/json.ts";
import type { BlockStep } from "./block-step.ts";
import { JsonEntries } from "./json-entries.ts";
import { type BlockSpace, kind } from "./space.ts";

/** Fields of `log` that steps may name: with what a line brings an event is still within its bounds. */
const mostFields = 512;

/** Times that keys are learned in one block. */
const mostLessons = 16;

/**
 * Reads the objects of many rows by a kernel that knows keys; a key it does not know is learned from a row that has it, by the parser, and the
 * rows that were left because of it are read again. What a step names goes into its slot, everything else into slots made for it.
 */
export function makeJson(space: BlockSpace, { source }: z.infer<typeof json>): BlockStep | undefined {
  const path = compilePath(source);
  const from = path.query ? undefined : space.at(path.segments);
  if (!from || space.below("log").length > mostFields || !space.takeNames()) return undefined;
  const entries = new JsonEntries(space);
  const { kernel } = space;
  const status = kernel.mask();
  const read = (mask: number, wanted: number): number => entries.read(from, mask, wanted, status);
  return {
    writes: space.below("log"),
    makes: "log",
    run: (mask) => {
      let unknown = read(mask, 1);
      for (let lesson = 0; unknown > 0 && lesson < mostLessons; lesson++) {
        if (!entries.learn(firstUnknown(space, from, status))) return;
        unknown = read(status, 2);
      }
    },
  };
}

/** Makes texts of lists and objects in the rows of a mask, as they arrive where they are moved. */
export function textsOfTrees(space: BlockSpace, slot: BlockSlot, mask: number): void {
  const { kinds, places } = slot;
  const { memory } = space.kernel;
  for (let row = 0; row < space.count; row++) {
    if (kinds[row] !== kind.tree || memory[mask + row] === 0) continue;
    const made = space.made(textOf(space.value(slot, row)));
    if (!made) {
      space.openRow(row);
      continue;
    }
    kinds[row] = kind.text;
    places[row * 2] = made.from;
    places[row * 2 + 1] = made.to;
  }
}

/** The text of the first row with a key that is not known. */
function firstUnknown(space: BlockSpace, { places }: BlockSlot, status: number): string {
  const row = space.kernel.memory.subarray(status, status + space.count).indexOf(2);
  return space.text(places[row * 2]!, places[row * 2 + 1]!);
}

import type { z } from "zod";
import { type BlockSlot, blockBytes } from "../../../kernels/index.ts";
import { compilePath, sanitizeName, textOf } from "../../paths/index.ts";
import type { expand } from "../../steps/expand.ts";
import type { json } from "../../steps/json.ts";
import type { BlockStep } from "./block-step.ts";
import { type Entry, JsonEntries } from "./json-entries.ts";
import { type BlockSpace, kind, logic } from "./space.ts";

/** Fields of `log` that steps may name: with what a line brings an event is still within its bounds. */
const mostFields = 512;

const brace = 123;

/** Times that keys are learned in one block. */
const mostLessons = 16;

/** Learns keys from rows that were left because of them, and reads these again, until none is left or there is no more to learn. */
function teach(
  space: BlockSpace,
  { places }: BlockSlot,
  unknown: number,
  status: number,
  learn: (text: string) => boolean,
  again: () => number,
): void {
  const { memory } = space.kernel;
  let left = unknown;
  for (let lesson = 0; left > 0 && lesson < mostLessons; lesson++) {
    const row = memory.subarray(status, status + space.count).indexOf(2);
    if (learn(space.text(places[row * 2]!, places[row * 2 + 1]!))) left = again();
    else {
      // Nothing is to be learned from it, but from others there may be.
      memory[status + row] = 1;
      left--;
    }
  }
}

/** Reads the texts of a slot, or opens the rows. */
function reader(space: BlockSpace, from: BlockSlot, entries: JsonEntries): (mask: number) => void {
  const status = space.kernel.mask();
  const learn = (text: string): boolean => entries.learn(text);
  const again = (): number => entries.read(from, status, 2, status);
  return (mask) => teach(space, from, entries.read(from, mask, 1, status), status, learn, again);
}

function sourceOf(space: BlockSpace, source: string): BlockSlot | undefined {
  const path = compilePath(source);
  return path.query ? undefined : space.at(path.segments);
}

/**
 * Reads the objects of many rows by a kernel that knows keys; a key it does not know is learned from a row that has it, by the parser, and the
 * rows that were left because of it are read again. What a step names goes into its slot, everything else into slots made for it.
 */
export function makeJson(space: BlockSpace, { source }: z.infer<typeof json>): BlockStep | undefined {
  const from = sourceOf(space, source);
  if (!from || space.below("log").length > mostFields || !space.takeNames()) return undefined;
  const run = reader(space, from, new JsonEntries(space));
  return { writes: space.below("log"), makes: "log", nests: true, run };
}

/** The same below a field of `log` that no step wants whole, and no other step writes to before. */
export function makeExpand(space: BlockSpace, { source, to }: z.infer<typeof expand>): BlockStep | undefined {
  const from = sourceOf(space, source);
  const [top, ...path] = sanitizeName(to);
  const name = [top, ...path].join(".");
  const isOwn = top === "log" && path.length > 0 && space.there.of(name) !== undefined;
  const below = space.below(name);
  const isFirst = below.every((slot) => space.version(slot) === 0);
  if (!from || !isOwn || !isFirst || space.below("log").length > mostFields || !space.takeNamesBelow())
    return undefined;
  const run = reader(space, from, new JsonEntries(space, path));
  return { writes: below, makes: name, nests: true, run };
}

/** Puts the fields of objects that slots hold whole at the end into slots of their own, as their columns want them. */
export function spreadObjects(space: BlockSpace): void {
  const entries = new JsonEntries(space);
  const { kernel, work } = space;
  const { memory, calls } = kernel;
  const [mask, status] = [kernel.mask(), kernel.mask()];
  const roots = new Map<BlockSlot, Entry | undefined>();
  let bytes = 0;
  const pick = ({ kinds, places }: BlockSlot): boolean => {
    let some = false;
    for (let row = 0; row < space.count; row++) {
      const [from, to] = [places[row * 2]!, places[row * 2 + 1]!];
      const isObject = kinds[row] === kind.tree && memory[from] === brace && !space.isOpen(row);
      // Beyond what all lines have, more of their texts would be written out than there is room for.
      if (isObject) bytes += to - from;
      memory[mask + row] = isObject && bytes <= blockBytes ? 1 : 0;
      some ||= memory[mask + row] === 1;
    }
    return some;
  };
  work.push(() => {
    bytes = 0;
  });
  for (const [path, slot] of space.fieldsBelow("log"))
    work.push(() => {
      if ((calls.kindsOf(slot.kindsAt, 0, space.count) & (1 << kind.tree)) === 0) return;
      const isFirst = bytes === 0;
      if (!pick(slot)) return;
      if (!roots.has(slot)) roots.set(slot, entries.rootAt(path));
      const root = roots.get(slot);
      if (!root) return;
      const unknown = entries.read(slot, mask, 1, status, root, !isFirst);
      const learn = (text: string): boolean => entries.learn(text, root);
      teach(space, slot, unknown, status, learn, () => entries.read(slot, status, 2, status, root));
      calls.logic(logic.without, mask, space.open, mask, space.count);
      calls.remove(slot.kindsAt, mask, space.count, mask);
    });
}

/** Makes texts of lists and objects in the rows of a mask, as they arrive where they are moved. */
export function textsOfTrees(space: BlockSpace, slot: BlockSlot, mask: number): void {
  const { kinds, places } = slot;
  const { memory } = space.kernel;
  for (let row = 0; row < space.count; row++) {
    if (kinds[row] !== kind.tree || memory[mask + row] === 0) continue;
    const made = space.texts.made(textOf(space.value(slot, row)));
    if (!made) {
      space.openRow(row);
      continue;
    }
    kinds[row] = kind.text;
    places[row * 2] = made.from;
    places[row * 2 + 1] = made.to;
  }
}

import type { BlockSlot } from "../../../kernels/index.ts";
import { eventTree } from "../../event-tree.ts";
import { splitPath } from "../../paths/index.ts";
import { type BlockSpace, logic, rows } from "./space.ts";
import type { WrittenStep } from "./steps.ts";

/** True for the name of a top-level object of the event schema but `log`, whose fields nobody knows beforehand. */
export const isObjectName = (name: string): boolean =>
  name !== "log" && eventTree.has(name) && eventTree.get(name)!.kind === undefined;

/**
 * Takes fields away, some of them top-level objects with all below. An object that other steps have emptied counts as there, but no slot
 * says so: where that is not kept apart, a row in which nothing is found is left to the plain program if a step before may have emptied one.
 */
export function makeDeleteAll(space: BlockSpace, fields: readonly string[]): WrittenStep | undefined {
  const slots: BlockSlot[] = [];
  let unsure = false;
  const objects: string[] = [];
  for (const name of fields) {
    if (isObjectName(name) || space.there.of(name)) {
      const below = space.below(name);
      unsure ||= !space.there.of(name) && below.some((slot) => space.version(slot) > 0);
      slots.push(...below);
      objects.push(name);
      continue;
    }
    const slot = space.at(splitPath(name));
    if (!slot) return undefined;
    slots.push(slot);
  }
  const { kernel, open } = space;
  const found = kernel.mask();
  const was = kernel.mask();
  return {
    writes: slots,
    write: (mask, missed) => {
      space.logic(logic.without, found, found, found);
      for (const { kindsAt } of slots) space.work.kernel("remove", kindsAt, mask, rows, found);
      for (const name of objects) space.removeNamed(name, mask, found);
      for (const { mask: there } of objects.flatMap((name) => space.there.from(name))) {
        space.logic(logic.and, there, mask, was);
        space.logic(logic.or, found, was, found);
        space.logic(logic.without, there, mask, there);
      }
      space.logic(logic.without, mask, found, missed);
      if (unsure) space.logic(logic.or, open, missed, open);
    },
  };
}

import type { BlockSlot } from "../../../kernels/index.ts";
import { eventTree } from "../../event-tree.ts";
import { splitPath } from "../../paths/index.ts";
import { type BlockSpace, logic } from "./space.ts";
import type { BlockStep } from "./steps.ts";

/** True for the name of a top-level object of the event schema but `log`, whose fields nobody knows beforehand. */
export const isObjectName = (name: string): boolean =>
  name !== "log" && eventTree.has(name) && eventTree.get(name)!.kind === undefined;

/**
 * Takes fields away, some of them top-level objects with all below. An object that other steps have emptied counts as there, but no slot
 * says so: where that is not kept apart, a row in which nothing is found is left to the plain program if a step before may have emptied one.
 */
export function makeDeleteAll(space: BlockSpace, fields: readonly string[]): BlockStep | undefined {
  const slots: BlockSlot[] = [];
  let unsure = false;
  for (const name of fields) {
    if (isObjectName(name)) {
      const below = space.below(name);
      unsure ||= !space.presence(name) && below.some((slot) => space.version(slot) > 0);
      slots.push(...below);
      continue;
    }
    const slot = space.at(splitPath(name));
    if (!slot) return undefined;
    slots.push(slot);
  }
  const { kernel, open } = space;
  const { calls } = kernel;
  const found = kernel.mask();
  const was = kernel.mask();
  const gone = fields.flatMap((name) => (isObjectName(name) ? (space.presence(name) ?? []) : []));
  return {
    writes: slots,
    run: (mask, missed) => {
      space.clear(found);
      for (const { kindsAt } of slots) calls.remove(kindsAt, mask, space.count, found);
      for (const { mask: there } of gone) {
        calls.logic(logic.and, there, mask, was, space.count);
        calls.logic(logic.or, found, was, found, space.count);
        calls.logic(logic.without, there, mask, there, space.count);
      }
      calls.logic(logic.without, mask, found, missed, space.count);
      if (unsure) calls.logic(logic.or, open, missed, open, space.count);
    },
  };
}

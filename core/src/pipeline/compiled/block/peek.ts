import type { BlockSlot } from "../../../kernels/index.ts";
import { deletePath, type JsonObject, jsonText, walk } from "../../paths/index.ts";
import { movedValue } from "../../steps/rename.ts";
import { type Below, kind } from "./kinds.ts";
import type { BlockSpace } from "./space.ts";

/** Puts a value into the slot of a row. False where there is no room for it. */
export function putValue(
  space: BlockSpace,
  { kinds, places, numbers }: BlockSlot,
  row: number,
  value: unknown,
): boolean {
  if (typeof value === "number") {
    kinds[row] = kind.number;
    numbers[row] = value;
    return Number.isFinite(value);
  }
  const isTree = typeof value === "object" && value !== null;
  const text = isTree ? jsonText(value) : typeof value === "string" ? value : "";
  const made = space.texts.made(text);
  if (!made) return false;
  places[row * 2] = made.from;
  places[row * 2 + 1] = made.to;
  if (isTree) kinds[row] = kind.tree;
  else kinds[row] = typeof value === "string" ? kind.text : kind.null;
  if (typeof value !== "boolean") return true;
  kinds[row] = kind.boolean;
  places[row * 2] = value ? 1 : 0;
  return true;
}

/** Gives `each` what is below in the rows of a mask, where there is something. */
export function peek(
  space: BlockSpace,
  { slot, path }: Below,
  mask: number,
  each: (row: number, value: unknown, whole: unknown) => void,
): void {
  const { memory } = space.kernel;
  for (let row = 0; row < space.count; row++) {
    if (memory[mask + row] === 0 || slot.kinds[row] !== kind.tree || space.isOpen(row)) continue;
    const whole = space.value(slot, row);
    const value = walk(whole, path, 0);
    if (value !== undefined) each(row, value, whole);
  }
}

/** Moves what is below a value to a slot, in the rows of a mask; `found` becomes 1 where there was something. */
export function takeBelow(space: BlockSpace, from: Below, to: BlockSlot, mask: number, found: number): void {
  peek(space, from, mask, (row, value, whole) => {
    space.kernel.memory[found + row] = 1;
    const left = whole as JsonObject;
    deletePath(left, from.path);
    if (!putValue(space, to, row, movedValue(value)) || !putValue(space, from.slot, row, left))
      space.openRow(row);
  });
}

/** A slot that holds what is below a value in the rows of a mask, once `fill` was called. */
export function peekSlot(space: BlockSpace, from: Below): { slot: BlockSlot; fill(mask: number): void } {
  const slot = space.kernel.slot();
  return {
    slot,
    fill: (mask) => {
      slot.kinds.fill(kind.absent, 0, space.count);
      peek(space, from, mask, (row, value) => {
        if (!putValue(space, slot, row, value)) space.openRow(row);
      });
    },
  };
}

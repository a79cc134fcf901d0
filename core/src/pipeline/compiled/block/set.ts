import type { BlockSlot } from "../../../kernels/index.ts";
import { pathOf, sanitizeName, splitPath, textOf } from "../../paths/index.ts";
import { hasPlaceholder, templateOf } from "../../steps/template.ts";
import { type Below, kind, logic } from "./kinds.ts";
import { makeMove, moveOf } from "./move-object.ts";
import { peek, putValue } from "./peek.ts";
import { type BlockSpace, isAscii, rows } from "./space.ts";
import type { WrittenStep } from "./steps.ts";

/** Values by field, as a step writes them down. */
export type FieldValues = Readonly<Record<string, unknown>>;

/** Puts behind the work that one field is written in the rows of a mask; `found` becomes 1 where there was something to write. */
export type Write = (mask: number, found: number) => void;

/** Writes a fixed value; undefined for one that no slot holds. */
export function constantWrite(space: BlockSpace, slot: BlockSlot, value: unknown): Write | undefined {
  const { kernel } = space;
  const { kinds, places, numbers } = slot;
  const { memory } = kernel;
  if (typeof value === "string") {
    const made = space.texts.constant(value);
    if (!made) return undefined;
    return (mask, found) => {
      space.fill(slot, mask, value, made);
      space.logic(logic.or, found, mask, found);
    };
  }
  const isNumber = typeof value === "number" && Number.isFinite(value);
  if (!isNumber && typeof value !== "boolean") return undefined;
  return scripted(space, (mask, found) => {
    for (let row = 0; row < space.count; row++) {
      if (memory[mask + row] === 0) continue;
      memory[found + row] = 1;
      if (isNumber) {
        kinds[row] = kind.number;
        numbers[row] = value;
      } else {
        kinds[row] = kind.boolean;
        places[row * 2] = value ? 1 : 0;
        places[row * 2 + 1] = 0;
      }
    }
  });
}

/** What is written in script. */
function scripted(space: BlockSpace, write: Write): Write {
  return (mask, found) => space.work.push(() => write(mask, found));
}

/** Writes what another field holds, with its kind. */
function copyWrite(space: BlockSpace, from: BlockSlot, to: BlockSlot): Write {
  const there = space.kernel.mask();
  return (mask, found) => {
    space.work.kernel("exists", from.kindsAt, there, rows);
    space.logic(logic.and, there, mask, there);
    space.logic(logic.or, found, there, found);
    space.work.kernel("copy", from.kindsAt, from.valuesAt, to.kindsAt, to.valuesAt, mask, rows);
  };
}

/** Writes what is below the value of another field. */
function peekWrite(space: BlockSpace, from: Below, to: BlockSlot): Write {
  return scripted(space, (mask, found) =>
    peek(space, from, mask, (row, value) => {
      space.kernel.memory[found + row] = 1;
      if (!putValue(space, to, row, value)) space.openRow(row);
    }),
  );
}

/** Writes a text in which other fields stand. */
function joinWrite(
  space: BlockSpace,
  to: BlockSlot,
  literals: readonly string[],
  slots: readonly BlockSlot[],
): Write {
  const { kernel } = space;
  const { memory } = kernel;
  const first = literals[0]!;
  return scripted(space, (mask, found) => {
    for (let row = 0; row < space.count; row++) {
      if (memory[mask + row] === 0 || slots.some(({ kinds }) => kinds[row] === kind.absent)) continue;
      let text = first;
      for (const [index, slot] of slots.entries())
        text += textOf(space.value(slot, row)) + literals[index + 1]!;
      if (slots.some(({ kinds }) => kinds[row]! > kind.boolean)) space.openRow(row);
      const made = space.texts.made(text);
      memory[found + row] = 1;
      if (!made) {
        space.openRow(row);
        continue;
      }
      to.kinds[row] = kind.text;
      to.places[row * 2] = made.from;
      to.places[row * 2 + 1] = made.to;
    }
  });
}

function fieldWrite(space: BlockSpace, to: BlockSlot, value: unknown): Write | undefined {
  if (typeof value !== "string" || !hasPlaceholder(value)) return constantWrite(space, to, value);
  const { literals, paths } = templateOf(value);
  const isOne = paths.length === 1 && literals.every((literal) => literal === "");
  const around = isOne && !pathOf(paths[0]!).query ? space.around(splitPath(paths[0]!)) : undefined;
  if (around) return peekWrite(space, around, to);
  const slots = paths.flatMap((path) => space.at(splitPath(path)) ?? []);
  if (slots.length !== paths.length || !literals.every(isAscii)) return undefined;
  return isOne ? copyWrite(space, slots[0]!, to) : joinWrite(space, to, literals, slots);
}

/** Several fields at once, each written where there is something to write. */
export function makeSet(
  space: BlockSpace,
  options: { readonly fields: FieldValues },
): WrittenStep | undefined {
  const { fields } = options;
  const move = moveOf({ set: options });
  const moved = move && makeMove(space, move);
  if (moved) return moved;
  const writes: Write[] = [];
  const slots: BlockSlot[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const to = hasPlaceholder(name) ? undefined : space.at(sanitizeName(name));
    const write = to && fieldWrite(space, to, value);
    if (!write) return undefined;
    writes.push(write);
    slots.push(to);
  }
  const found = space.kernel.mask();
  return {
    writes: slots,
    write: (mask, missed) => {
      space.logic(logic.without, found, found, found);
      for (const write of writes) write(mask, found);
      space.logic(logic.without, mask, found, missed);
    },
  };
}

import type { BlockSlot } from "../../../kernels/index.ts";
import { isQueryPath, sanitizeName, splitPath } from "../../paths/index.ts";
import type { Step } from "../../steps/index.ts";
import { hasPlaceholder, templateOf } from "../../steps/template.ts";
import { type BlockSpace, logic } from "./space.ts";
import type { WrittenStep } from "./steps.ts";

type Path = readonly string[];

/** An object below `log` that a step puts into another place there, with all that is in it. */
export interface Move {
  readonly from: Path;
  readonly to: Path;
}

const lies = (path: Path, below: Path): boolean => below.every((key, at) => path[at] === key);

/** Undefined for a step that is something else, or does more. */
export function moveOf({ set }: Step): Move | undefined {
  const [[name, value] = ["", ""], ...others] = Object.entries(set?.fields ?? {});
  if (name === "" || others.length > 0 || typeof value !== "string" || hasPlaceholder(name)) return undefined;
  const { literals, paths } = templateOf(value);
  const [path = ""] = paths;
  if (paths.length !== 1 || path === "" || isQueryPath(path) || literals.some((text) => text !== ""))
    return undefined;
  const [from, to] = [splitPath(path), sanitizeName(name)];
  const isBelow = [from, to].every((one) => one[0] === "log" && one.length > 1);
  return isBelow && !lies(from, to) && !lies(to, from) ? { from, to } : undefined;
}

/**
 * Puts a whole object into another place, field by field: those that steps name, and those that lines are the first to name. Rows are left
 * to the plain program in which something is there already, and those with objects in the object. Undefined where a step wants one of the
 * two as a value.
 */
export function makeMove(space: BlockSpace, { from, to }: Move): WrittenStep | undefined {
  const [source, target] = [from.join("."), to.join(".")];
  const [there, placed] = [space.there.of(source), space.there.of(target)];
  if (!there || !placed || [from, to].some((path) => space.at(path) ?? space.around(path))) return undefined;
  const { kernel, open, work } = space;
  const { calls } = kernel;
  const [active, some] = [kernel.mask(), kernel.mask()];
  const names = new Set(space.fieldsBelow(source).map(([[name = ""]]) => name));
  const slots = new Map<string, BlockSlot>();
  space.loops.add(source, { take: (name) => names.add(name) !== undefined });
  return {
    writes: space.below(target),
    nests: to.length === 2,
    write: (mask, missed) => {
      space.logic(logic.and, mask, there.mask, active);
      space.logic(logic.without, mask, active, missed);
      space.logic(logic.and, active, placed.mask, some);
      space.logic(logic.or, open, some, open);
      work.push(() => {
        for (const name of names) moveField(name);
      });
      space.logic(logic.or, placed.mask, active, placed.mask);
    },
  };

  function moveField(name: string): void {
    const { count } = space;
    const object = space.there.of(`${source}.${name}`);
    if (object && calls.logic(logic.and, active, object.mask, some, count) !== 0)
      calls.logic(logic.or, open, some, open, count);
    const own = space.at([...from, name]) ?? space.nameOf(`${source}.${name}`.slice(4));
    if (!own) return;
    calls.exists(own.kindsAt, some, count);
    if (calls.logic(logic.and, active, some, some, count) === 0) return;
    const slot = slotOf(name);
    if (slot) calls.copy(own.kindsAt, own.valuesAt, slot.kindsAt, slot.valuesAt, some, count);
    else calls.logic(logic.or, open, some, open, count);
  }

  /** Where a field goes; undefined where that is no slot, or there is no room for one more. */
  function slotOf(name: string): BlockSlot | undefined {
    const known = slots.get(name);
    if (known) return known;
    const field = `${target}.${name}`;
    if (space.there.of(field) || space.below(field).length > 0 || !space.loops.take(target, name))
      return undefined;
    const slot = space.at([...to, name]) ?? space.named(field.slice(4));
    if (slot) slots.set(name, slot);
    return slot;
  }
}

import type { BlockSlot } from "../../../kernels/index.ts";
import { aliases } from "../../cel/functions.ts";
import { pathOf, splitPath } from "../../paths/index.ts";
import type { CompiledStep } from "../../plan.ts";
import type { Layout } from "../layout.ts";
import { constantOf, isPlain } from "./constants.ts";
import { mostTouched, type Touch, TouchCode, type Touched } from "./cut/index.ts";
import { type BlockSpace, isAscii, rows } from "./space.ts";

/** Most words that a text is compared with. */
const mostWords = 4;

/** What a step does to texts where they lie; `ran` of a step that takes texts away is not known yet. */
export type TouchStep =
  | {
      readonly kind: "trim";
      readonly atEnd: boolean;
      readonly word: string;
      readonly slots: readonly BlockSlot[];
    }
  | { readonly kind: "delete"; readonly words: readonly string[]; readonly slots: readonly BlockSlot[] };

/** A step that looks at no more than the texts that it changes; undefined for others. */
export function touchOf(
  space: BlockSpace,
  layout: Layout,
  { step, where }: CompiledStep,
): TouchStep | undefined {
  const { trim, delete: remove } = step;
  const options = trim ?? remove;
  if (!options || ("onError" in options && options.onError !== undefined && options.onError !== "continue"))
    return undefined;
  const { fields } = options;
  if (fields.some((field) => pathOf(field).query || layout.presence.has(field))) return undefined;
  const slots = fields.flatMap((field) => space.at(splitPath(field)) ?? []);
  if (slots.length < fields.length || new Set(slots).size < slots.length || slots.includes(space.raw))
    return undefined;
  if (slots.some((slot) => space.constants.of(slot))) return undefined;
  if (trim) {
    const { function: how, substring: word } = trim;
    if (where || (how !== "prefix" && how !== "suffix") || word === "" || word.length > mostTouched)
      return undefined;
    return isAscii(word) ? { kind: "trim", atEnd: how === "suffix", word, slots } : undefined;
  }
  const words = where && !where.strict ? wordsOf(where.ast, fields) : undefined;
  return words && { kind: "delete", words, slots };
}

/** The words of which a text has to be one for a condition about the only one of some fields. */
export function wordsOf(
  ast: NonNullable<CompiledStep["where"]>["ast"],
  fields: readonly string[],
): string[] | undefined {
  if (fields.length > 1 || ast.kind !== "call" || ast.target || ast.args.length !== 2) return undefined;
  const name = Object.hasOwn(aliases, ast.name) ? aliases[ast.name]! : ast.name;
  const [path, list] = ast.args.map((arg) => constantOf(arg)?.value);
  if (path !== fields[0]) return undefined;
  const words: readonly unknown[] =
    name === "equals" ? [list] : name === "oneOf" && Array.isArray(list) ? (list as unknown[]) : [];
  const fit = words.every((word) => isPlain(word) && word.length <= mostTouched);
  return fit && words.length > 0 && words.length <= mostWords
    ? (words as string[]).filter(isAscii)
    : undefined;
}

/** How many steps in front of some others can be done together: none of them reads what another one may have taken away. */
export function touchesTogether(steps: readonly (TouchStep | undefined)[]): TouchStep[] {
  const gone = new Set<BlockSlot>();
  const together: TouchStep[] = [];
  for (const step of steps) {
    if (!step || (step.kind === "trim" && step.slots.some((slot) => gone.has(slot)))) break;
    if (step.kind === "delete") for (const slot of step.slots) gone.add(slot);
    together.push(step);
  }
  return together;
}

/** Puts steps behind the work of a space as one function. `masks` has where each of them ran and where it found nothing to do. */
export function writeTouches(
  space: BlockSpace,
  steps: readonly TouchStep[],
  masks: readonly { readonly ran: number; readonly missed: number }[],
): void {
  const touches = new Map<BlockSlot, Touch[]>();
  const missed = new Map<number, readonly BlockSlot[]>();
  for (const [index, step] of steps.entries()) {
    const own = masks[index]!;
    if (step.kind === "trim") missed.set(own.missed, step.slots);
    for (const slot of step.slots)
      touches.set(slot, [
        ...(touches.get(slot) ?? []),
        step.kind === "trim" ? step : { kind: "delete", words: step.words, ran: own.ran },
      ]);
  }
  const slots = [...touches].map(([slot, own]): Touched => ({ slot, touches: own }));
  space.work.own(TouchCode.write(space, slots, missed), rows);
}

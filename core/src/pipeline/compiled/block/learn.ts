import type { BlockSlot, CutPart } from "../../../kernels/index.ts";
import { Automaton } from "../../regex/index.ts";
import type { Cutter } from "../../steps/grok.ts";
import { type BlockSpace, kind, logic } from "./space.ts";

/** Rows of one block and one step that automata are shown; the others they may know with the next block. */
const mostRows = 64;

const isBlank = (byte: number): boolean => byte === 32 || (byte < 14 && byte > 8);

/**
 * Shows rows that a step has opened to its automata, and opens them no longer, because the step is tried again now that these have the states: the
 * plain program does not teach them where it reads such texts by an expression. Rows that are not shown are taken out of the mask.
 */
export function learn(
  space: BlockSpace,
  { kinds, places }: BlockSlot,
  opened: number,
  show: (from: number, to: number) => void,
): void {
  const { kernel, open } = space;
  const { memory, calls } = kernel;
  let left = mostRows;
  for (let row = 0; row < space.count; row++) {
    if (memory[opened + row] === 0) continue;
    if (left-- > 0 && kinds[row] === kind.text) show(places[row * 2]!, places[row * 2 + 1]!);
    else memory[opened + row] = 0;
  }
  kernel.refresh();
  calls.logic(logic.without, open, opened, open, space.count);
}

/** What shows the automata of a grok step a text; undefined where no part has one. */
export function showCut(
  space: BlockSpace,
  cutter: Cutter,
  parts: readonly CutPart[],
): ((from: number, to: number) => void) | undefined {
  if (!parts.some((part) => part.kind === "automaton")) return undefined;
  const { memory } = space.kernel;
  const endOf = (index: number, at: number, end: number): number => {
    const part = parts[index]!;
    if (part.kind === "automaton" && part.automaton instanceof Automaton)
      return part.automaton.find(memory, at, end);
    return at + cutter.parts[index]!.regex.match(space.text(at, end));
  };
  return (from, to) => {
    let at = from;
    let end = to;
    while (end > at && isBlank(memory[end - 1]!)) end--;
    for (let index = 0; index < parts.length; index++) {
      while (at < end && isBlank(memory[at]!)) at++;
      if (at === end) return;
      const next = endOf(index, at, end);
      // Below 0 where there is no match, or none is known.
      if (next <= at) return;
      at = next;
    }
  };
}

/** Cuts the texts of rows that a step has opened in JavaScript; what comes of them lies in the text itself, or is laid down. */
export function cutOpened(
  space: BlockSpace,
  slot: BlockSlot,
  mask: number,
  cut: (text: string) => string,
): void {
  const { memory } = space.kernel;
  const { kinds, places } = slot;
  for (let row = 0; row < space.count; row++) {
    if (memory[mask + row] === 0 || !space.isOpen(row) || kinds[row] !== kind.text) continue;
    const from = places[row * 2]!;
    const text = space.text(from, places[row * 2 + 1]!);
    let rest: string;
    try {
      rest = cut(text);
    } catch {
      // The plain program says what is wrong.
      continue;
    }
    if (space.texts.putPart(slot, row, rest, text, from)) memory[space.open + row] = 0;
  }
}

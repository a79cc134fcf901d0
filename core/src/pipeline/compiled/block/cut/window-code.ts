import type { Code, Label, Local } from "../../../../kernels/index.ts";
import { type CharSet, mayBeEmpty, overlaps, type Regex } from "../../../regex/index.ts";
import { asciiOf, outside } from "./bytes-code.ts";
import { type Follow, isDecided, itemsOf, outlookOf } from "./outlook.ts";

/** Bytes of a window, and how many sets of characters are looked for in it. */
const windowBytes = 16;
const mostSets = 3;
const mostRounds = 8;

/** From `min` to `max` characters of a set, as many as there are. */
interface Run {
  readonly set: CharSet;
  readonly min: number;
  readonly max: number;
}

/** What matches within sixteen bytes, such as an address of IPv4, and what comes behind it. */
export interface Window {
  readonly runs: readonly Run[];
  readonly rest: readonly Regex[];
}

function runOf(item: Regex, rest: readonly Regex[], after: Follow): Run | undefined {
  if (item.kind === "set") return { set: item.set, min: 1, max: 1 };
  if (item.kind !== "repeat" || item.item.kind !== "set") return undefined;
  const { min, max, greedy } = item;
  const { set } = item.item;
  if (min === max) return { set, min, max };
  const follow = outlookOf(rest, after);
  const one = !follow.empty && !overlaps(set, follow.first);
  return (greedy ? isDecided(set, follow) : one) ? { set, min, max } : undefined;
}

/** The window that a sequence begins with; undefined where it does not begin with a run of some length, or has no second one. */
export function windowOf(items: readonly Regex[], after: Follow): Window | undefined {
  const isLoop = ({ min, max }: Run): boolean => min < max;
  const runs: Run[] = [];
  const sets = new Set<string>();
  let rest = items;
  let bytes = 0;
  for (;;) {
    const [item, ...behind] = rest;
    if (!item) break;
    if (
      item.kind === "repeat" &&
      item.item.kind !== "set" &&
      item.min === item.max &&
      item.max <= mostRounds
    ) {
      if (item.max === 0 || mayBeEmpty(item.item)) break;
      rest = [...new Array<Regex>(item.max).fill(item.item).flatMap(itemsOf), ...behind];
      continue;
    }
    const run = runOf(item, behind, after);
    if (!run || bytes + run.max > windowBytes || run.max === 0) break;
    if (runs.length === 0 && !isLoop(run)) return undefined;
    if (sets.add(asciiOf(run.set).join()).size > mostSets) break;
    runs.push(run);
    bytes += run.max;
    rest = behind;
  }
  return runs.filter(isLoop).length > 1 ? { runs, rest } : undefined;
}

/**
 * Moves a place behind runs of characters, or branches away. The bytes are looked at once: a bit for each says whether it is in a set, and
 * where a run ends follows from these, so that no run waits for bytes behind the one before.
 */
export function passWindow(code: Code, at: Local, end: Local, runs: readonly Run[], fail: Label): void {
  const [behind, before, bad, place, bits] = [
    code.local("i32"),
    code.local("i32"),
    code.local("i32"),
    code.local("i32"),
    code.local("i32"),
  ];
  // What lies behind the end is in no set.
  code.i32(-1).get(end).get(at).op("i32Sub").tee(behind).i32(windowBytes).get(behind).i32(windowBytes);
  code.op("i32LtU", "select", "i32Shl").set(behind);
  const known = new Map<string, Local>();
  for (const { set } of runs) {
    const ascii = asciiOf(set);
    if (known.has(ascii.join())) continue;
    const own = code.local("i32");
    known.set(ascii.join(), own);
    outside(code, at, ascii);
    code.get(behind).op("i32Or").set(own);
  }
  code.i32(0).set(bad).i32(0).set(place);
  for (const { set, min, max } of runs) {
    code
      .get(known.get(asciiOf(set).join())!)
      .get(place)
      .op("i32ShrU")
      .set(bits);
    if (max === 1 && min === 1) {
      code.get(bad).get(bits).i32(1).op("i32And", "i32Or").set(bad);
      code.get(place).i32(1).op("i32Add").set(place);
      continue;
    }
    code
      .get(bits)
      .i32(1 << max)
      .op("i32Or", "i32Ctz")
      .set(before);
    if (min > 0) code.get(bad).get(before).i32(min).op("i32LtU", "i32Or").set(bad);
    code.get(place).get(before).op("i32Add").set(place);
  }
  code.get(bad).brIf(fail);
  code.get(at).get(place).op("i32Add").set(at);
}

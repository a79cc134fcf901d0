import type { z } from "zod";
import type { BlockSlot, CutPart } from "../../../kernels/index.ts";
import { sanitizeName, splitPath, textOf } from "../../paths/index.ts";
import { searchRegex } from "../../patterns/index.ts";
import type { CompiledStep } from "../../plan.ts";
import { Automaton, beginOf, type Regex, withoutStart } from "../../regex/index.ts";
import type { add } from "../../steps/add.ts";
import { type cast, converters } from "../../steps/cast.ts";
import type { remove } from "../../steps/delete.ts";
import { type Cutter, compileCutter, type grok, trimmed } from "../../steps/grok.ts";
import { compileRewrite, type reformat } from "../../steps/reformat.ts";
import type { rename } from "../../steps/rename.ts";
import { compileCut, type trim } from "../../steps/trim.ts";
import type { NativeContext } from "../natives/native.ts";
import { cutParts, scanOf } from "../natives/scan.ts";
import type { BlockStep, WrittenStep } from "./block-step.ts";
import { type CodePart, CutCode, Unwritten, writeTrim } from "./cut/index.ts";
import { givenText, someBoolean, someNumber, someText, someTextOrNumber } from "./givens.ts";
import { makeExpand, makeJson, textsOfTrees } from "./json.ts";
import { cutOpened, learn, showCut } from "./learn.ts";
import { putValue, takeBelow } from "./peek.ts";
import { type BlockSpace, isAscii, kind, logic, rows } from "./space.ts";

export type { BlockStep, WrittenStep } from "./block-step.ts";

/** Makes the form of a step for blocks; undefined where its options have none. */
export type Make<Options> = (
  space: BlockSpace,
  options: Options,
  context: BlockContext,
) => BlockStep | WrittenStep | undefined;

/** What steps for blocks are made with. */
export interface BlockContext extends NativeContext {
  /** True where a text of digits that is put into a field may be its number at once. */
  becomesNumber(path: readonly string[]): boolean;
}

/** The slots of some fields; undefined where one has none. */
function slotsOf(space: BlockSpace, paths: readonly (readonly string[])[]): BlockSlot[] | undefined {
  const slots = paths.flatMap((path) => space.at(path) ?? []);
  // The line itself is reserved, so none of them is it.
  return slots.length === paths.length ? slots : undefined;
}

/** A step that changes fields where they are: missed where none is. `change` puts what it does behind the work. */
function eachSlot(
  space: BlockSpace,
  fields: readonly string[],
  change: (slot: BlockSlot, mask: number, found: number) => void,
): WrittenStep | undefined {
  const slots = slotsOf(space, fields.map(splitPath));
  if (!slots) return undefined;
  const found = space.kernel.mask();
  return {
    writes: slots,
    write: (mask, missed) => {
      space.logic(logic.without, found, found, found);
      for (const slot of slots) change(slot, mask, found);
      space.logic(logic.without, mask, found, missed);
    },
  };
}

type Cut = (mask: number, missed: number) => void;

/** A grok as code of its own; undefined where a part has none. */
function codedGrok(
  space: BlockSpace,
  cutter: Cutter,
  source: BlockSlot,
  { becomesNumber }: BlockContext,
): Cut | undefined {
  const parts: CodePart[] = [];
  for (const { regex, target } of cutter.parts) {
    const { tree } = regex.compiled;
    if (!tree) return undefined;
    const scan = scanOf(regex.compiled);
    parts.push({
      regex: withoutStart(tree),
      automaton: scan?.kind === "automaton" ? scan.automaton : undefined,
      target: target && space.at(target.segments),
      toNumber: target !== undefined && becomesNumber(target.segments),
    });
  }
  try {
    const coded = CutCode.write(space, source, parts);
    return (mask, missed) => space.work.own(coded, rows, mask, missed);
  } catch (error) {
    if (error instanceof Unwritten) return undefined;
    throw error;
  }
}

/** A grok by the kernel that knows all parts. */
function kernelGrok(
  space: BlockSpace,
  source: BlockSlot,
  parts: readonly CutPart[],
  targets: readonly BlockSlot[],
): Cut {
  const { kernel, open } = space;
  const program = kernel.program(parts);
  const list = kernel.putWords(targets.flatMap(({ kindsAt, valuesAt }) => [kindsAt, valuesAt]));
  return (mask, missed) =>
    space.work.push(() => kernel.cut(source, mask, space.count, program, parts.length, list, missed, open));
}

const makeGrok: Make<z.infer<typeof grok>> = (space, options, context) => {
  const cutter = compileCutter(options, context);
  const source = cutter.path.query ? undefined : space.at(cutter.path.segments);
  const paths = cutter.parts.flatMap(({ target }) => (target ? [target.segments] : []));
  const targets = source && slotsOf(space, paths);
  if (!targets) return undefined;
  const { kernel } = space;
  const parts = cutParts(cutter);
  const cut =
    codedGrok(space, cutter, source, context) ?? (parts && kernelGrok(space, source, parts, targets));
  if (!cut) return undefined;
  const show = parts && showCut(space, cutter, parts);
  const numbers = new Set(
    cutter.parts.flatMap(({ target }) =>
      target && context.becomesNumber(target.segments) ? space.at(target.segments) : [],
    ),
  );
  const gives = (slot: BlockSlot) => (numbers.has(slot) ? someTextOrNumber : someText);
  if (!show) return { writes: targets, gives, write: cut };
  const [opened, missedAgain] = [kernel.mask(), kernel.mask()];
  return {
    writes: targets,
    gives,
    write: (mask, missed) => {
      cut(mask, missed);
      space.whenLogic(logic.and, mask, space.open, opened, () => {
        space.work.push(() => learn(space, source, opened, show));
        cut(opened, missedAgain);
        space.logic(logic.or, missed, missedAgain, missed);
      });
    },
  };
};

/** A trim of what matches at the beginning as code of its own; undefined where that has none. */
function codedTrim(space: BlockSpace, fields: readonly string[], begin: Regex): WrittenStep | undefined {
  const slots = slotsOf(space, fields.map(splitPath)) ?? [];
  const [picked, left] = [space.kernel.mask(), space.kernel.mask()];
  try {
    const names = new Map(slots.map((slot) => [slot, writeTrim(space, slot, begin)]));
    return eachSlot(space, fields, (slot, mask, found) => {
      space.work.kernel("pick", slot.kindsAt, mask, picked, rows, space.open, 1);
      space.logic(logic.or, found, picked, found);
      space.work.own(names.get(slot)!, rows, picked, left);
    });
  } catch (error) {
    if (error instanceof Unwritten) return undefined;
    throw error;
  }
}

const makeTrim: Make<z.infer<typeof trim>> = (space, { function: how, substring, fields }, { patterns }) => {
  const { kernel, work } = space;
  if (!isAscii(substring)) return undefined;
  const cutOnce = compileCut(how, substring, patterns);
  const cutText = (text: string): string => trimmed(cutOnce(text));
  const trimmer = () =>
    eachSlot(space, fields, ({ kindsAt, valuesAt }, mask, found) =>
      work.kernel("trim", 0, kindsAt, valuesAt, mask, rows, 0, 0, 0, 0, found, space.open),
    );
  const wordTrimmer = (atEnd: number, word: number, size: number) =>
    size === 0
      ? trimmer()
      : eachSlot(space, fields, ({ kindsAt, valuesAt }, mask, found) =>
          work.kernel("trimWord", atEnd, kindsAt, valuesAt, mask, rows, word, size, found, space.open),
        );
  const put = (): number => kernel.put(Buffer.from(substring, "latin1"));
  switch (how) {
    case "space":
      return trimmer();
    case "prefix":
      return wordTrimmer(0, put(), substring.length);
    case "suffix":
      return wordTrimmer(1, put(), substring.length);
    case "substring": {
      const word = put();
      return eachSlot(space, fields, (slot, mask, found) => {
        const { kindsAt, valuesAt } = slot;
        const numbers = [mask, rows, word, substring.length, 0, 0, found, space.open] as const;
        work.kernel("trim", 4, kindsAt, valuesAt, ...numbers);
        work.push(() => cutOpened(space, slot, mask, cutText));
      });
    }
    case "regex": {
      const { tree } = searchRegex(substring, patterns);
      if (!tree) return undefined;
      // Behind the start of a text there is one match at most.
      const begin = beginOf(tree);
      const coded = begin && codedTrim(space, fields, begin);
      if (coded) return coded;
      const atStart = begin !== undefined;
      const automaton = Automaton.of(begin ?? tree, !atStart);
      if (!automaton) return undefined;
      const table = kernel.table(automaton);
      const { memory, calls } = kernel;
      const show = (from: number, to: number): unknown =>
        atStart ? automaton.find(memory, from, to) : automaton.test(memory, from, to);
      const how = atStart ? 3 : 5;
      const { open } = space;
      const cut = ({ kindsAt, valuesAt }: BlockSlot, mask: number, found: number): void => {
        const { next, endings } = table;
        const { start } = automaton;
        calls.trim(how, kindsAt, valuesAt, mask, space.count, next, 0, start, endings, found, open);
      };
      const [opened, foundAgain] = [kernel.mask(), kernel.mask()];
      return eachSlot(space, fields, (slot, mask, found) => {
        work.push(() => cut(slot, mask, found));
        space.whenLogic(logic.and, mask, open, opened, () =>
          work.push(() => {
            learn(space, slot, opened, show);
            cut(slot, opened, foundAgain);
          }),
        );
        if (!atStart) work.push(() => cutOpened(space, slot, mask, cutText));
      });
    }
  }
};

const makeDelete: Make<z.infer<typeof remove>> = (space, { fields }) => {
  const step = eachSlot(space, fields, ({ kindsAt }, mask, found) =>
    space.work.kernel("remove", kindsAt, mask, rows, found),
  );
  return step && { ...step, gives: () => [] };
};

const makeRename: Make<z.infer<typeof rename>> = (space, { from, to }) => {
  const target = space.at(sanitizeName(to));
  const { kernel, work } = space;
  const found = kernel.mask();
  const sources = from.map(splitPath).map((path) => {
    const slot = space.at(path);
    return slot ? { slot } : { below: space.around(path) };
  });
  if (!target || sources.some(({ slot, below }) => !slot && !below)) return undefined;
  const slots = sources.map(({ slot, below }) => (slot ?? below?.slot)!);
  const held = sources.some(({ below }) => below) ? undefined : space.givens.ofAll(slots);
  return {
    gives: () => held,
    writes: [...slots, target],
    write: (mask, missed) => {
      space.logic(logic.without, found, found, found);
      for (const { slot, below } of sources) {
        if (below) work.push(() => takeBelow(space, below, target, mask, found));
        if (!slot) continue;
        if (space.hasTrees) work.push(() => textsOfTrees(space, slot, mask));
        const { kindsAt, valuesAt } = slot;
        work.kernel("move", kindsAt, valuesAt, target.kindsAt, target.valuesAt, mask, rows, found);
      }
      space.logic(logic.without, mask, found, missed);
    },
  };
};

/** Makes texts of the values of a mask's rows. */
function toTexts(space: BlockSpace, slot: BlockSlot, mask: number, found: number): void {
  const { memory, calls } = space.kernel;
  // Mostly they are there already, and then nothing is to be done but to say so.
  const others = calls.kindsOf(slot.kindsAt, 0, space.count) & ~((1 << kind.absent) | (1 << kind.text));
  for (let row = 0; row < space.count; row++) {
    const held = slot.kinds[row]!;
    if (memory[mask + row] === 0 || held === kind.absent) continue;
    memory[found + row] = 1;
    if (others === 0 || held === kind.text) continue;
    try {
      if (putValue(space, slot, row, converters.string(space.value(slot, row)))) continue;
    } catch {
      // The plain program says what is wrong.
    }
    space.openRow(row);
  }
}

/** Makes numbers of what a kernel has left of a mask's rows, which are open because of it. */
function toNumbers(
  space: BlockSpace,
  slot: BlockSlot,
  opened: number,
  convert: (value: unknown) => unknown,
): void {
  const { memory } = space.kernel;
  for (let row = 0; row < space.count; row++) {
    if (memory[opened + row] === 0 || slot.kinds[row] === kind.absent) continue;
    const number = convert(space.value(slot, row));
    // One with more digits than numbers have stays a text.
    if (typeof number === "number" && putValue(space, slot, row, number)) memory[space.open + row] = 0;
  }
}

const makeCast: Make<z.infer<typeof cast>> = (space, { fields, to }) => {
  const { kernel, work } = space;
  const { memory } = kernel;
  const isInteger = to.startsWith("int");
  if (isInteger || to.startsWith("float")) {
    const [opened, was] = [kernel.mask(), kernel.mask()];
    const step = eachSlot(space, fields, (slot, mask, found) => {
      const { kindsAt, valuesAt } = slot;
      const numbers = [kindsAt, valuesAt, mask, rows, 15, found, space.open] as const;
      const truncate = (): void => work.kernel("truncate", kindsAt, valuesAt, mask, rows);
      space.logic(logic.or, space.open, space.open, was);
      space.when({ kernel: "digits", numbers }, isInteger ? truncate : undefined);
      space.whenLogic(logic.without, space.open, was, opened, () =>
        work.push(() => toNumbers(space, slot, opened, converters[to])),
      );
    });
    return step && { ...step, gives: () => someNumber };
  }
  if (to === "string")
    return eachSlot(space, fields, (slot, mask, found) => work.push(() => toTexts(space, slot, mask, found)));
  if (to !== "bool") return undefined;
  const picked = kernel.mask();
  const step = eachSlot(space, fields, (slot, mask, found) => {
    const { kinds, places, kindsAt, valuesAt } = slot;
    const others = (): void => {
      for (let row = 0; row < space.count; row++) {
        if (memory[mask + row] === 0 || kinds[row] === kind.absent || kinds[row] === kind.text) continue;
        memory[found + row] = 1;
        places[row * 2] = converters.bool(space.value(slot, row)) ? 1 : 0;
        kinds[row] = kind.boolean;
      }
    };
    const numbers = [kindsAt, mask, picked, rows, space.open, 0] as const;
    space.when({ kernel: "pick", numbers }, () => work.push(others));
    space.logic(logic.or, found, picked, found);
    work.kernel("booleansOf", kindsAt, valuesAt, picked, rows);
  });
  return step && { ...step, gives: () => someBoolean };
};

const makeAdd: Make<z.infer<typeof add>> = (space, { params, function: how }) => {
  if (how !== "string" && how !== "set") return undefined;
  const text = textOf(params.value);
  const slot = space.at(sanitizeName(params.key));
  const made = slot && space.texts.constant(text);
  if (!made) return undefined;
  return {
    writes: [slot],
    gives: () => givenText(text),
    write: (mask) => space.fill(slot, mask, text, made),
  };
};

const makeReformat: Make<z.infer<typeof reformat>> = (space, options) => {
  const rewrite = compileRewrite(options);
  const { kernel, work } = space;
  const picked = kernel.mask();
  const note = (text: string, id: number): void => {
    const { from, to } = written(text) ?? { from: 0, to: 0 };
    kernel.tablePlaces[id * 2] = from;
    kernel.tablePlaces[id * 2 + 1] = to;
  };
  return eachSlot(space, options.fields, (slot, mask, found) => {
    work.kernel("pick", slot.kindsAt, mask, picked, rows, space.open, 1);
    space.logic(logic.or, found, picked, found);
    work.push(() => space.eachDistinct({ ...slot, kindsAt: picked }, note));
    work.kernel("spreadTexts", slot.valuesAt, kernel.idsAt, kernel.tableAt, rows, space.open);
  });

  function written(text: string) {
    try {
      return kernel.make(rewrite(text, space.timestamp, ""));
    } catch {
      // The plain program says what is wrong.
      return undefined;
    }
  }
};

const makers: Readonly<Record<string, Make<never>>> = {
  add: makeAdd,
  cast: makeCast,
  delete: makeDelete,
  expand: makeExpand,
  grok: makeGrok,
  json: makeJson,
  reformat: makeReformat,
  rename: makeRename,
  trim: makeTrim,
};

/** A step for blocks; undefined where it has no such form. */
export function blockStep(
  space: BlockSpace,
  { kind: name, step }: CompiledStep,
  context: BlockContext,
): BlockStep | WrittenStep | undefined {
  const { onError } = step[name] as { readonly onError?: unknown };
  if (onError !== undefined && onError !== "continue") return undefined;
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
  return make?.(space, step[name] as never, context);
}

import type { JsonObject } from "../../paths/index.ts";
import { compileWrite, sanitizeName, splitPath, walk } from "../../paths/index.ts";
import type { RunStep } from "../../steps/index.ts";
import type { MadeText } from "./made-texts.ts";
import { type BlockSpace, kind } from "./space.ts";
import type { BlockStep } from "./steps.ts";

/** The options of a `date` that matter here. */
export interface DateOptions {
  readonly source: string;
  readonly target: string;
}

/** Reads times, each distinct text once. */
export function makeDate(
  space: BlockSpace,
  run: RunStep,
  { source: from, target: to }: DateOptions,
): BlockStep | undefined {
  const path = splitPath(from);
  const targetPath = sanitizeName(to);
  const [source, target] = [space.at(path), space.at(targetPath)];
  if (!source || !target) return undefined;
  const lend = compileWrite(path);
  /** Where the time lies that a text says; undefined where the plain program has to tell what is wrong. */
  const read = (value: unknown): MadeText | undefined => {
    const root: JsonObject = { "@timestamp": space.timestamp };
    lend(root, value);
    try {
      run({ root, errors: [], dropped: false });
    } catch {
      return undefined;
    }
    return space.texts.made(walk(root, targetPath, 0) as string);
  };
  const { memory } = space.kernel;
  const put = (row: number, place: MadeText | undefined): void => {
    if (!place) {
      space.openRow(row);
      return;
    }
    target.kinds[row] = kind.text;
    target.places[row * 2] = place.from;
    target.places[row * 2 + 1] = place.to;
  };
  return {
    writes: [target],
    run: (mask, missed) => {
      const known = new Map<string, MadeText | undefined>();
      const { kinds } = source;
      const times: (MadeText | undefined)[] = [];
      const wanted = (text: string): string => text;
      const found = (row: number, text: string): void => {
        if (memory[mask + row] === 0) return;
        if (!known.has(text)) known.set(text, read(text));
        times[row] = known.get(text);
      };
      space.eachText(source, wanted, found);
      for (let row = 0; row < space.count; row++) {
        memory[missed + row] = 0;
        if (memory[mask + row] === 0) continue;
        const held = kinds[row]!;
        if (held === kind.absent) memory[missed + row] = 1;
        else put(row, held === kind.text ? times[row] : read(space.value(source, row)));
      }
    },
  };
}

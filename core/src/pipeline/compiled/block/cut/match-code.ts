import type { BlockSlot, Code } from "../../../../kernels/index.ts";
import type { Regex } from "../../../regex/index.ts";
import { type CutSpace, functionOf, placesOf } from "./carried-code.ts";
import { RegexCode } from "./regex-code.ts";
import { RowsCode, takesRows, textKind } from "./rows-code.ts";

/** The name of a function that marks the rows whose text begins with a match. All of its rows have a text. Throws Unwritten. */
export function writeMatch(space: CutSpace, slot: BlockSlot, regex: Regex): string {
  const what = ["match", placesOf(slot), regex];
  return functionOf(space, { takes: takesRows, what }, (place) => matchCode(place, slot, regex));
}

function matchCode({ kernel }: CutSpace, slot: BlockSlot, regex: Regex): Code {
  const rows = new RowsCode(kernel);
  const { code } = rows;
  const [at, end] = [code.local("i32"), code.local("i32")];
  rows.each(() => {
    rows.read(slot, at, end);
    code.block((fail) => {
      new RegexCode(code, at, end).write(regex, fail);
      rows.mark();
    });
  });
  return code;
}

/**
 * The name of a function that trims texts, takes a match at their beginning away and trims what is left; it marks the rows of which
 * something is left. All of its rows have a text. Throws Unwritten.
 */
export function writeTrim(space: CutSpace, slot: BlockSlot, regex: Regex): string {
  const what = ["trim", placesOf(slot), regex];
  return functionOf(space, { takes: takesRows, what }, (place) => trimCode(place, slot, regex));
}

function trimCode({ kernel }: CutSpace, slot: BlockSlot, regex: Regex): Code {
  const rows = new RowsCode(kernel);
  const { code, row } = rows;
  const [at, to, end] = [code.local("i32"), code.local("i32"), code.local("i32")];
  rows.each(() => {
    rows.read(slot, at, end);
    code.block((empty) => {
      rows.trim(at, end, empty);
      code.get(at).set(to);
      code.block((fail) => {
        new RegexCode(code, to, end).write(regex, fail);
        code.get(to).set(at);
      });
      rows.trim(at, end, empty);
      rows.mark();
    });
    // An empty text may lie anywhere.
    code.get(row).i32(textKind).at("i32Store8", slot.kindsAt);
    rows.place().get(at).op("i64Extend").get(end).op("i64Extend").i64(32n).op("i64Shl", "i64Or");
    code.at("i64Store", slot.valuesAt);
  });
  return code;
}

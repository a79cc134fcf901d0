import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { many, one, type Pattern, parsePattern, patternText } from "./pattern.ts";

const literal = fc.string({ unit: fc.constantFrom("\\", "*", "?", "a", "."), minLength: 1, maxLength: 4 });
const part = fc.oneof(literal, fc.constant(many), fc.constant(one));
/** Literal texts are never side by side, as they are read. */
function joined(parts: Pattern): Pattern {
  const done: Pattern[number][] = [];
  for (const each of parts) {
    const last = done.at(-1);
    if (typeof each === "string" && typeof last === "string") done[done.length - 1] = last + each;
    else done.push(each);
  }
  return done;
}

describe("the text of a pattern", () => {
  it("says which pattern it is, so that no condition is taken for another", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const pattern = joined(parts);
        expect(parsePattern(patternText(pattern))).toEqual(pattern);
      }),
      { numRuns: 2_000 },
    );
  });

  it("tells a folder from a star behind it", () => {
    expect(patternText([many, "C:\\Windows\\", many])).not.toBe(patternText([many, "C:\\Windows*"]));
  });
});

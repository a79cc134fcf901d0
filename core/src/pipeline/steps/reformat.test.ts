import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileRewrite } from "./reformat.ts";

const two = fc.integer({ min: 0, max: 61 }).map((number) => String(number).padStart(2, "0"));
const clock = fc
  .tuple(fc.constantFrom("15", "23"), fc.constantFrom("04", "59"), two)
  .map((all) => all.join(":"));
const fraction = fc.constantFrom("", "", ".5", ".12", ":07", " ");
const texts: Readonly<Record<string, fc.Arbitrary<string>>> = {
  "Jan _2 15:04:05": fc
    .tuple(fc.constantFrom("Jan  2", "Jan 12", "Jan 2", "Dec 31"), clock, fraction)
    .map(([day, time, more]) => `${day} ${time}${more}`),
  "02/Jan/2006:15:04:05 -0700": fc
    .tuple(
      fc.constantFrom("02/Jan/2026", "02/Jan/0026", "31/Feb/2026"),
      clock,
      fraction,
      fc.constantFrom(" +0200", " -0000"),
    )
    .map(([day, time, more, zone]) => `${day}:${time}${more}${zone}`),
};
const forms = fc.constantFrom(
  "2006-01-02T15:04:05Z07:00",
  "2006-01-02T15:04:05.999999999Z07:00",
  "15:04:05 02.01.2006",
);
const reads = fc.constantFrom("2026-01-15T10:00:00Z", "2026-01-15T10:00:01Z", "2026-07-01T00:00:00Z");

const told = (run: () => string): string => {
  try {
    return run();
  } catch (error) {
    return String(error);
  }
};

describe("times one after the other", () => {
  for (const [fromFormat, text] of Object.entries(texts))
    it(`of the form ${fromFormat} are written as each alone`, () => {
      const times = fc.array(fc.tuple(text, reads), { minLength: 1, maxLength: 40 });
      fc.assert(
        fc.property(times, forms, (some, toFormat) => {
          const options = { fields: ["deviceTime"], function: "time" as const, fromFormat, toFormat };
          const rewrite = compileRewrite(options);
          for (const [time, read] of some) {
            const alone = told(() => compileRewrite(options)(time, read, "deviceTime"));
            expect(told(() => rewrite(time, read, "deviceTime"))).toBe(alone);
          }
        }),
      );
    });
});

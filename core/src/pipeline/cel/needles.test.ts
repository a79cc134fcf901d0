import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Anchor, anyNeedle } from "./needles.ts";

const naive: Record<Anchor, (field: string, needle: string) => boolean> = {
  anywhere: (field, needle) => field.includes(needle),
  start: (field, needle) => field.startsWith(needle),
  end: (field, needle) => field.endsWith(needle),
};

describe("one of several texts", () => {
  it("is found exactly where a search for each finds it", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "B", ".", "*", "\\", "$", "\n", "^", "(", "🙂", "\ud83d", "é"),
    });
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 8 }),
        text,
        text,
        fc.constantFrom<Anchor>("anywhere", "start", "end"),
        (needles, before, after, anchor) => {
          const test = anyNeedle(needles, anchor);
          for (const field of [before + needles[0] + after, before + after, before, ""]) {
            expect(test(field)).toBe(needles.some((needle) => naive[anchor](field, needle)));
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("takes long lists and long texts without delay", () => {
    const many = anyNeedle(
      Array.from({ length: 5_000 }, (_, i) => `needle-${i}-`),
      "anywhere",
    );
    const close = anyNeedle(["aaaaaaaaab", "aaaaaaaaac", "aaaaaaaaad"], "anywhere");
    const text = "a".repeat(100_000);
    const before = process.cpuUsage().user;
    expect([many(text), close(text), close(`${text}c`)]).toEqual([false, false, true]);
    expect(process.cpuUsage().user - before).toBeLessThan(2_000_000);
  });
});

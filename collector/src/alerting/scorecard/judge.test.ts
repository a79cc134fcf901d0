import { expect, it } from "vitest";
import { falsePositiveRatio, judge, type RuleCounts } from "./judge.ts";

const counts = (of: Partial<RuleCounts>): RuleCounts => ({
  ...{ days: 30, shown: 0, hidden: 0, open: 0, truePositives: 0, falsePositives: 0 },
  ...of,
});

it.each<[Partial<RuleCounts>, string, string[]]>([
  [{}, "keep", ["quiet"]],
  [{ shown: 3 }, "keep", ["not_judged"]],
  [{ shown: 4, falsePositives: 4 }, "keep", ["not_judged"]],
  [{ shown: 5, falsePositives: 5 }, "tune", ["false_positives"]],
  [{ shown: 10, falsePositives: 9, truePositives: 1 }, "retire", ["false_positives"]],
  [{ shown: 10, falsePositives: 8, truePositives: 2 }, "tune", ["false_positives"]],
  [{ shown: 10, falsePositives: 2, truePositives: 8 }, "keep", ["true_positives"]],
  [{ shown: 601 }, "tune", ["noisy"]],
  [{ shown: 600 }, "keep", ["not_judged"]],
  [{ shown: 601, truePositives: 100 }, "keep", ["true_positives"]],
  [{ shown: 5, hidden: 10 }, "tune", ["mostly_hidden"]],
  [{ shown: 11, hidden: 10 }, "keep", ["not_judged"]],
])("judges %j: %s", (of, advice, codes) => {
  const judged = judge(counts(of));
  expect([judged.advice, judged.reasons.map(({ code }) => code)]).toEqual([advice, codes]);
});

it("has a ratio only where somebody judged", () => {
  expect(falsePositiveRatio(counts({ shown: 9 }))).toBeUndefined();
  expect(falsePositiveRatio(counts({ falsePositives: 1, truePositives: 3 }))).toBe(0.25);
});

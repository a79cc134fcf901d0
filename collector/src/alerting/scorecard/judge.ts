/** What became of a rule's alerts in some days. */
export interface RuleCounts {
  readonly days: number;
  /** Alerts that people were told of. */
  readonly shown: number;
  readonly hidden: number;
  readonly open: number;
  readonly truePositives: number;
  readonly falsePositives: number;
}

export const advices = ["keep", "tune", "retire"] as const;
export type Advice = (typeof advices)[number];

/** Why: a code that the page has a sentence for, the numbers in it, and the sentence in English. */
export interface Reason {
  readonly code: "false_positives" | "noisy" | "mostly_hidden" | "true_positives" | "quiet" | "not_judged";
  readonly values: Readonly<Record<string, number>>;
  readonly text: string;
}

/** So many verdicts are needed before a ratio says something. */
const enough = 5;
const enoughToRetire = 10;
const noisyADay = 20;

/** The share of false positives among the alerts that somebody judged; undefined where nobody did. */
export function falsePositiveRatio({ truePositives, falsePositives }: RuleCounts): number | undefined {
  const judged = truePositives + falsePositives;
  return judged === 0 ? undefined : falsePositives / judged;
}

/** What to do with a rule, and why. */
export function judge(counts: RuleCounts): { readonly advice: Advice; readonly reasons: readonly Reason[] } {
  const { days, shown, hidden, truePositives, falsePositives } = counts;
  const judged = truePositives + falsePositives;
  const ratio = falsePositiveRatio(counts) ?? 0;
  const share = Math.round(ratio * 100);
  const wrong: Reason = {
    code: "false_positives",
    values: { share, judged },
    text: `${share} % of ${judged} judged alerts were false positives.`,
  };
  if (judged >= enoughToRetire && ratio >= 0.9) return { advice: "retire", reasons: [wrong] };
  const reasons: Reason[] = [];
  if (judged >= enough && ratio >= 0.5) reasons.push(wrong);
  const aDay = Math.round((shown / Math.max(1, days)) * 10) / 10;
  if (shown > noisyADay * days && truePositives * 10 < shown)
    reasons.push({
      code: "noisy",
      values: { aDay },
      text: `It raises ${aDay} alerts a day, few of them confirmed.`,
    });
  if (hidden >= 10 && hidden >= shown)
    reasons.push({
      code: "mostly_hidden",
      values: { hidden, all: hidden + shown },
      text: `${hidden} of its ${hidden + shown} alerts were hidden: what hides them belongs into the rule.`,
    });
  if (reasons.length > 0) return { advice: "tune", reasons };
  return { advice: "keep", reasons: [good(counts, judged)] };
}

function good({ days, shown, truePositives }: RuleCounts, judged: number): Reason {
  if (truePositives > 0)
    return {
      code: "true_positives",
      values: { truePositives, judged },
      text: `${truePositives} of ${judged} judged alerts were true positives.`,
    };
  if (shown === 0) return { code: "quiet", values: { days }, text: `It raised nothing in ${days} days.` };
  return {
    code: "not_judged",
    values: { shown },
    text: `Of its ${shown} alerts too few were judged to say more.`,
  };
}

import { alertsNow, type Store } from "../../store/index.ts";
import { type Advice, falsePositiveRatio, judge, type Reason, type RuleCounts } from "./judge.ts";

/** A rule as it did in some days. */
export interface RuleScore extends Omit<RuleCounts, "days"> {
  readonly ruleId: string;
  readonly name: string;
  /** False positives among judged alerts; left out where nobody judged. */
  readonly falsePositiveRatio?: number;
  /** Milliseconds since 1970; left out where it raised nothing. */
  readonly lastAt?: number;
  readonly advice: Advice;
  readonly reasons: readonly Reason[];
}

interface Row {
  readonly ruleId: string;
  readonly lastName: string;
  readonly shown: string;
  readonly unseen: string;
  readonly stillOpen: string;
  readonly truePositives: string;
  readonly falsePositives: string;
  readonly lastAt: string;
}

const maxRules = 10_000;
const order: readonly Advice[] = ["retire", "tune", "keep"];

/** Every rule with what became of its alerts in the last days: first those about which something should be done. */
export async function scorecard(
  store: Pick<Store, "query">,
  rules: readonly { readonly id: string; readonly name: string }[],
  { days, now, signal }: { readonly days: number; readonly now: number; readonly signal?: AbortSignal },
): Promise<RuleScore[]> {
  const rows = await store.query<Row>(
    `SELECT ruleId, argMax(name, timestamp) AS lastName, countIf(hidden = '') AS shown, countIf(hidden != '') AS unseen,
       countIf(hidden = '' AND status = 'open') AS stillOpen, countIf(verdict = 'true_positive') AS truePositives,
       countIf(verdict = 'false_positive') AS falsePositives, toUnixTimestamp64Milli(max(timestamp)) AS lastAt
     FROM ${alertsNow} WHERE timestamp >= fromUnixTimestamp64Milli({since:Int64}) GROUP BY ruleId
     ORDER BY count() DESC LIMIT {most:UInt32}`,
    { since: now - days * 86_400_000, most: maxRules },
    { ...(signal && { signal }) },
  );
  const found = new Set(rows.map(({ ruleId }) => ruleId));
  const silent = rules
    .filter(({ id }) => !found.has(id))
    .slice(0, maxRules)
    .map(({ id, name }) => scoreOf(id, name, noAlerts(days)));
  const scores = [...rows.map((row) => ofRow(row, days)), ...silent];
  return scores.sort(
    (a, b) =>
      order.indexOf(a.advice) - order.indexOf(b.advice) ||
      b.shown - a.shown ||
      (a.ruleId < b.ruleId ? -1 : 1),
  );
}

const noAlerts = (days: number): RuleCounts => ({
  ...{ days, shown: 0, hidden: 0, open: 0, truePositives: 0, falsePositives: 0 },
});

function ofRow(row: Row, days: number): RuleScore {
  const counts = {
    ...{ days, shown: Number(row.shown), hidden: Number(row.unseen), open: Number(row.stillOpen) },
    ...{ truePositives: Number(row.truePositives), falsePositives: Number(row.falsePositives) },
  };
  return { ...scoreOf(row.ruleId, row.lastName, counts), lastAt: Number(row.lastAt) };
}

function scoreOf(ruleId: string, name: string, { days, ...counts }: RuleCounts): RuleScore {
  const ratio = falsePositiveRatio({ days, ...counts });
  return {
    ...{ ruleId, name, ...counts },
    ...(ratio !== undefined && { falsePositiveRatio: ratio }),
    ...judge({ days, ...counts }),
  };
}

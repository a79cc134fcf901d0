import { plain } from "../../live/plain.ts";
import type { BacktestReport } from "./backtest.ts";
import type { Surprise } from "./expect.ts";
import type { Example, RuleReport } from "./tally.ts";

const maxLine = 300;

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

function ruleText(rule: RuleReport): string[] {
  const { id, name, matches, alerts, grouped, alertsPerDay, first, last, entities, examples } = rule;
  const below = grouped > 0 ? ` (${grouped} below an earlier one)` : "";
  const found = `${matches} matched, ${plural(alerts, "alert")}${below}`;
  const head = `${plain(id)} "${plain(name)}"  ${found}`;
  if (alerts === 0) return [head];
  const about = entities.map(({ field, value, alerts: count }) => `${field} ${plain(value)} (${count})`);
  return [
    `${head}, ${alertsPerDay} a day`,
    `  from ${plain(first)} to ${plain(last)}`,
    ...(about.length > 0 ? [`  about ${about.join(", ")}`] : []),
    ...examples.map(exampleText),
  ];
}

const exampleText = ({ time, raw, events }: Example): string =>
  `  ${plain(time)}  ${plain((raw ?? events?.at(-1) ?? "").slice(0, maxLine))}`;

/** What a backtest found, for people. */
export function backtestText(report: BacktestReport, surprises: readonly Surprise[]): string {
  const { events, from, to, alerts, rules, failed } = report;
  const range = from === undefined ? "" : ` from ${from} to ${to}`;
  return [
    `${plural(events, "event")}${range}, ${plural(alerts, "alert")} of ${plural(rules.length, "rule")}`,
    ...rules.flatMap(ruleText),
    ...failed.map(({ id, errors, said }) => `${plain(id)} failed ${errors} times: ${plain(said)}`),
    ...surprises.map(
      ({ rule, alerts: found, expected, possibleFalsePositive }) =>
        `${possibleFalsePositive ? "possible false positive" : "not as expected"}: ${plain(rule)} raised ${plural(found, "alert")}, expected ${expected}`,
    ),
    "",
  ].join("\n");
}

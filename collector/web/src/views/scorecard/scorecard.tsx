import type { RuleScore } from "../../api/alert-types.ts";
import type { List } from "../../api/types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { dayTime, percent, whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { AlertPanel, Figures } from "../cases/alert-panel.tsx";

/** Which rules to keep, tune or retire, and why. */
export function Scorecard() {
  const answer = useQuery<List<RuleScore>>("/rules/scorecard?days=30");
  return (
    <AlertPanel title="nav.scorecard" answer={answer}>
      {({ items }) => (
        <ul class="scores">
          {items.map((rule) => (
            <Score key={rule.ruleId} rule={rule} />
          ))}
        </ul>
      )}
    </AlertPanel>
  );
}

function Score({ rule }: { rule: RuleScore }) {
  const figures: [string, string][] = [
    [t("score.shown"), whole(rule.shown)],
    [t("score.hidden"), whole(rule.hidden)],
    [t("score.open"), whole(rule.open)],
    [t("score.true"), whole(rule.truePositives)],
    [t("score.false"), whole(rule.falsePositives)],
    [t("score.ratio"), rule.falsePositiveRatio === undefined ? "–" : percent(rule.falsePositiveRatio)],
  ];
  return (
    <li class={`score score-${rule.advice}`}>
      <div class="score-head">
        <span class={`advice advice-${rule.advice}`}>{tValue("advice", rule.advice)}</span>
        <b>{rule.name}</b>
        <span class="muted">
          {rule.lastAt === undefined ? "" : t("score.last", { x: dayTime(rule.lastAt) })}
        </span>
      </div>
      {rule.reasons.map((reason) => (
        <p key={reason.code}>{reasonText(reason)}</p>
      ))}
      <Figures figures={figures} />
    </li>
  );
}

const codes = ["false_positives", "noisy", "mostly_hidden", "true_positives", "quiet", "not_judged"] as const;

function reasonText({ code, values, text }: RuleScore["reasons"][number]): string {
  const known = codes.find((each) => each === code);
  const shown = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, whole(value)]));
  return known === undefined ? text : t(`reason.${known}`, shown);
}

import type { RuleScore } from "../../api/alert-types.ts";
import type { List } from "../../api/types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { dayTime, percent, whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { Failed } from "../../ui/state-box.tsx";
import { AlertTabs } from "../cases/alert-tabs.tsx";

/** Which rules to keep, tune or retire, and why. */
export function Scorecard() {
  const { data, problem, loading } = useQuery<List<RuleScore>>("/rules/scorecard?days=30");
  return (
    <section class="panel panel-wide" aria-busy={loading}>
      <h1 class="visually-hidden">{t("nav.scorecard")}</h1>
      <div class="choices choices-spread">
        <AlertTabs />
      </div>
      {problem && !data ? (
        <Failed problem={problem} />
      ) : data === undefined ? (
        <div class="skeleton" />
      ) : (
        <ul class="scores">
          {data.items.map((rule) => (
            <Score key={rule.ruleId} rule={rule} />
          ))}
        </ul>
      )}
    </section>
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
      <dl class="score-figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

const codes = ["false_positives", "noisy", "mostly_hidden", "true_positives", "quiet", "not_judged"] as const;

function reasonText({ code, values, text }: RuleScore["reasons"][number]): string {
  const known = codes.find((each) => each === code);
  const shown = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, whole(value)]));
  return known === undefined ? text : t(`reason.${known}`, shown);
}

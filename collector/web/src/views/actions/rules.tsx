import { useState } from "preact/hooks";
import type { ActionRule, RulePreview } from "../../api/action-types.ts";
import { send } from "../../api/client.ts";
import type { List } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { whole } from "../../lib/format.ts";
import { useAttempt } from "../../lib/use-attempt.ts";
import { useQuery } from "../../lib/use-query.ts";
import { refresh } from "../../state/refresh.ts";
import { Answered } from "../../ui/answered.tsx";
import { Outcome } from "../../ui/outcome.tsx";
import { Empty } from "../../ui/state-box.tsx";

const hours = 168;

/** Rules that may act by themselves; before one does, a look at what it would have done. */
export function ActionRules() {
  const answer = useQuery<List<ActionRule>>("/actions/rules", { every: 15_000 });
  return (
    <Answered answer={answer}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty icon="shield" title={t("actions.rulesNone")} />
        ) : (
          <ul class="controls">
            {items.map((rule) => (
              <Row key={rule.name} rule={rule} />
            ))}
          </ul>
        )
      }
    </Answered>
  );
}

function Row({ rule }: { rule: ActionRule }) {
  const [preview, setPreview] = useState<RulePreview>();
  const { problem, attempt, clear } = useAttempt();
  const path = `/actions/rules/${encodeURIComponent(rule.name)}`;
  const look = () =>
    attempt(async () =>
      setPreview(await send<RulePreview>(`${path}/preview`, { method: "POST", body: { hours } })),
    );
  const arm = (fingerprint: string | null) =>
    attempt(async () => {
      await send(`${path}/armed`, { method: "PUT", body: { fingerprint } });
      refresh();
    });
  return (
    <li class="control">
      <p class="job-step-first">
        <b>{rule.name}</b>
        <span class="muted">
          {rule.rules.join(", ")} → {rule.action} ({rule.field})
        </span>
        <span class="tag">{t(rule.dryRun ? "actions.notArmed" : "actions.armed")}</span>
      </p>
      {preview === undefined ? null : <Found preview={preview} />}
      <Outcome problem={problem} onKey={clear} />
      <div class="case-buttons">
        <button type="button" class="button button-small" onClick={() => void look()}>
          {t("actions.rulePast")}
        </button>
        {rule.armed ? (
          <button type="button" class="button button-small" onClick={() => void arm(null)}>
            {t("actions.disarm")}
          </button>
        ) : preview === undefined ? null : (
          <button
            type="button"
            class="button button-small button-harm"
            onClick={() => void arm(preview.fingerprint)}
          >
            {t("actions.arm")}
          </button>
        )}
      </div>
    </li>
  );
}

function Found({ preview }: { preview: RulePreview }) {
  const wrong = preview.targets.reduce((sum, { falsePositives }) => sum + falsePositives, 0);
  return (
    <div class="message" role="status">
      <p>
        {t("actions.ruleFound", {
          ...{ matched: whole(preview.matched), looked: whole(preview.looked), hours: whole(preview.hours) },
          ...{ acted: whole(preview.wouldAct), refused: whole(preview.refused) },
          over: whole(preview.overLimit),
        })}
      </p>
      {wrong === 0 ? null : <p class="case-problem">{t("actions.ruleFalse", { x: whole(wrong) })}</p>}
      <ul>
        {preview.targets.slice(0, 20).map(({ target, runs, alerts, refusal }) => (
          <li key={target}>
            <code>{target}</code>{" "}
            <span class="muted">
              {whole(runs)} / {whole(alerts)}
              {refusal === undefined ? "" : ` · ${refusal.guard}: ${refusal.why}`}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

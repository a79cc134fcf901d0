import { useState } from "preact/hooks";
import type { KillSwitch } from "../../api/action-types.ts";
import { t } from "../../i18n/index.ts";
import { useQuery } from "../../lib/use-query.ts";
import { go, statuses } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { isRefused, Refusal } from "../../ui/form/refusal.tsx";
import { ReasonDialog } from "../../ui/reason-dialog.tsx";
import { Failed } from "../../ui/state-box.tsx";
import { ResponseTabs } from "../response/response-tabs.tsx";
import { AskForm } from "./ask-form.tsx";
import { ActionRules } from "./rules.tsx";
import { History, Standing } from "./runs.tsx";
import { Safety } from "./safety.tsx";

const parts = ["standing", "ask", "history", "rules", "safety"] as const;
type Part = (typeof parts)[number];

const shown: Readonly<Record<Part, () => preact.JSX.Element>> = {
  ...{ standing: Standing, ask: AskForm, history: History, rules: ActionRules, safety: Safety },
};

/** What reaches out: bans that stand, what was asked for, and what holds it all back. */
export function Actions() {
  const answer = useQuery<KillSwitch>("/actions/kill-switch", { every: 10_000 });
  const part = parts.find((each) => each === statuses.value[0]) ?? "standing";
  const Shown = shown[part];
  return (
    <section class="panel panel-wide">
      <h1 class="visually-hidden">{t("nav.actions")}</h1>
      <div class="choices choices-spread">
        <ResponseTabs />
        {answer.data ? <Kill state={answer.data} /> : null}
      </div>
      {answer.data ? <Held state={answer.data} /> : null}
      <div class="choices">
        <fieldset class="segments">
          <legend class="visually-hidden">{t("actions.section")}</legend>
          {parts.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === part}
              onClick={() => go({ status: each === "standing" ? [] : [each] })}
            >
              {t(`actions.${each}`)}
            </button>
          ))}
        </fieldset>
      </div>
      {answer.problem && isRefused(answer.problem) ? (
        <Refusal problem={answer.problem} onKey={refresh} />
      ) : answer.problem && !answer.data ? (
        <Failed problem={answer.problem} />
      ) : (
        <Shown />
      )}
    </section>
  );
}

const Held = ({ state }: { state: KillSwitch }) => (
  <>
    {state.on ? (
      <p class="action-held action-killed" role="status">
        {t("actions.killed", { x: state.by, y: state.reason })}
      </p>
    ) : null}
    {state.dryRun ? <p class="action-held">{t("actions.dry")}</p> : null}
  </>
);

function Kill({ state }: { state: KillSwitch }) {
  const [asking, setAsking] = useState(false);
  const what = state.on ? "revive" : "kill";
  return (
    <>
      <button
        type="button"
        class={`button button-small ${state.on ? "" : "button-harm"}`}
        onClick={() => setAsking(true)}
      >
        {t(`actions.${what}`)}
      </button>
      {asking ? (
        <ReasonDialog
          title={t(`actions.${what}Title`)}
          text={t(`actions.${what}Text`)}
          act={t(`actions.${what}`)}
          request={(reason) => ({
            ...{ path: "/actions/kill-switch", method: "PUT", body: { on: !state.on, reason } },
          })}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}

import { useState } from "preact/hooks";
import type { Action, ActionParameter, ActionPreview, ActionRun } from "../../api/action-types.ts";
import { send } from "../../api/client.ts";
import type { List } from "../../api/types.ts";
import { t, tCount } from "../../i18n/index.ts";
import { duration, whole } from "../../lib/format.ts";
import { useAttempt } from "../../lib/use-attempt.ts";
import { useQuery } from "../../lib/use-query.ts";
import { go, query } from "../../state/address.ts";
import { language } from "../../state/preferences.ts";
import { Outcome } from "../../ui/outcome.tsx";

const inWords = (texts: Readonly<Record<string, string>>): string =>
  texts[language.value] ?? texts["en"] ?? Object.values(texts)[0] ?? "";

/** Asks for an action: first what it would do, then, with a reason, to do it. `q` is the target. */
export function AskForm() {
  const actions = useQuery<List<Action>>("/actions");
  const all = actions.data?.items ?? [];
  const [chosen, setChosen] = useState("");
  const [target, setTarget] = useState(query.value);
  const [isHost, setIsHost] = useState(false);
  const [minutes, setMinutes] = useState("");
  const [reason, setReason] = useState("");
  const [parameters, setParameters] = useState<Readonly<Record<string, string>>>({});
  const [confirmed, setConfirmed] = useState(false);
  const [preview, setPreview] = useState<ActionPreview>();
  const { problem, attempt, clear } = useAttempt();
  const action = all.find(({ id }) => id === chosen) ?? all[0];
  if (action === undefined) return <div class={actions.loading ? "skeleton" : ""} />;
  /** What was seen belongs to what was asked; another question needs another look. */
  const change = (apply: () => void): void => {
    apply();
    setPreview(undefined);
    setConfirmed(false);
  };
  const path = `/actions/${encodeURIComponent(action.id)}`;
  const looksUp = action.targets.includes("ip") && !action.targets.includes("host");
  const asked = () => ({
    target: { value: target.trim(), ...(looksUp && isHost && { type: "host" }) },
    parameters,
    ...(minutes === "" ? {} : { ttlSeconds: Math.round(Number(minutes) * 60) }),
  });
  const look = () =>
    attempt(async () =>
      setPreview(await send<ActionPreview>(`${path}/preview`, { method: "POST", body: asked() })),
    );
  const run = () =>
    attempt(async () => {
      // What was seen is done: a name may have another address by now.
      const seen = preview?.resolved ? { target: { value: preview.target.value } } : {};
      const body = { ...asked(), ...seen, reason: reason.trim(), confirm: confirmed };
      await send<ActionRun>(`${path}/run`, { method: "POST", body });
      go({ status: ["history"], q: undefined });
    });
  const mayRun = preview?.allowed === true && reason.trim() !== "" && (!action.critical || confirmed);
  return (
    <form
      class="new-control action-form"
      aria-label={t("actions.ask")}
      onSubmit={(event) => {
        event.preventDefault();
        void (preview === undefined ? look() : mayRun ? run() : undefined);
      }}
    >
      <label>
        {t("actions.action")}
        <select
          class="input"
          value={action.id}
          onChange={(event) =>
            change(() => {
              setChosen(event.currentTarget.value);
              setParameters({});
            })
          }
        >
          {all.map((each) => (
            <option key={each.id} value={each.id}>
              {inWords(each.title)} ({each.id})
            </option>
          ))}
        </select>
      </label>
      <p class="muted">{inWords(action.help)}</p>
      {action.unavailable === undefined ? null : (
        <p class="case-problem">{t("actions.unavailable", { x: action.unavailable })}</p>
      )}
      <label>
        {t("actions.target")}
        <input
          class="input"
          required
          maxLength={300}
          placeholder={t("actions.targetHint")}
          value={target}
          onInput={(event) => change(() => setTarget(event.currentTarget.value))}
        />
      </label>
      {looksUp ? (
        <label class="case-check">
          <input
            type="checkbox"
            checked={isHost}
            onChange={(event) => change(() => setIsHost(event.currentTarget.checked))}
          />
          {t("actions.isHost")}
        </label>
      ) : null}
      {action.parameters.map((parameter) => (
        <Parameter
          key={parameter.name}
          parameter={parameter}
          value={parameters[parameter.name] ?? parameter.default}
          onChange={(value) => change(() => setParameters({ ...parameters, [parameter.name]: value }))}
        />
      ))}
      {action.containment ? (
        <label>
          {t("actions.minutes")}
          <input
            class="input"
            type="number"
            min={1}
            max={525_600}
            placeholder={t("actions.minutesHint")}
            value={minutes}
            onInput={(event) => change(() => setMinutes(event.currentTarget.value))}
          />
        </label>
      ) : null}
      <label>
        {t("actions.reason")}
        <input
          class="input"
          maxLength={500}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      {preview === undefined ? null : <Preview preview={preview} />}
      {preview?.allowed && action.critical ? (
        <label class="case-check">
          <input
            type="checkbox"
            checked={confirmed}
            onChange={(event) => setConfirmed(event.currentTarget.checked)}
          />
          {t("actions.confirm")}
        </label>
      ) : null}
      <Outcome problem={problem} onKey={clear} />
      <div class="actions">
        <button type="button" class="button" disabled={target.trim() === ""} onClick={() => void look()}>
          {t("actions.look")}
        </button>
        <button type="submit" class="button button-harm" disabled={!mayRun}>
          {t("actions.do")}
        </button>
      </div>
    </form>
  );
}

interface ParameterProps {
  readonly parameter: ActionParameter;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Parameter({ parameter, value, onChange }: ParameterProps) {
  const id = `parameter-${parameter.name}`;
  return (
    <label for={id}>
      {inWords(parameter.title)}
      {parameter.options ? (
        <select id={id} class="input" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {parameter.options.map((option) => (
            <option key={option.value} value={option.value}>
              {inWords(option.title)}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          class="input"
          maxLength={parameter.maxLength ?? 2_000}
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </label>
  );
}

function Preview({ preview }: { preview: ActionPreview }) {
  const { allowed, refusal, dryRun, approvalsNeeded, ttlSeconds, repeats, history, resolved } = preview;
  const lines = [
    ...(resolved && resolved.addresses.length > 0
      ? [t("actions.resolved", { x: resolved.host, y: resolved.addresses.join(", ") })]
      : []),
    refusal
      ? t("actions.refused", { x: refusal.guard, y: refusal.why })
      : t(dryRun ? "actions.allowedDry" : "actions.allowed"),
    ...(allowed && ttlSeconds !== undefined ? [t("actions.lasts", { x: duration(ttlSeconds) })] : []),
    ...(allowed && approvalsNeeded > 0
      ? [tCount("actions.approvals", approvalsNeeded, String(approvalsNeeded))]
      : []),
    ...(repeats > 0 ? [tCount("actions.repeats", repeats, whole(repeats))] : []),
    ...(history
      ? [
          t("actions.past", {
            ...{ hours: whole(history.hours), events: whole(history.events), users: whole(history.users) },
            ...{ hosts: whole(history.hosts), succeeded: whole(history.succeeded) },
            alerts: whole(history.alerts),
          }),
        ]
      : []),
  ];
  return (
    <div class={`message message-${allowed ? "none" : "error"}`} role="status">
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}

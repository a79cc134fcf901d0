import type { AlertItem, List } from "../../api/types.ts";
import { severities } from "../../api/types.ts";
import { t, tCount, tValue } from "../../i18n/index.ts";
import { dayTime } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { useAction } from "../../shell/shortcuts.ts";
import { alertSeverities, from, go, selected, statuses, to } from "../../state/address.ts";
import { SeverityBadge } from "../../ui/severity.tsx";
import { Empty, Failed } from "../../ui/state-box.tsx";
import { AlertDetail } from "./alert-detail.tsx";
import { knownStatuses, StatusBadge } from "./status-badge.tsx";

/** Alerts: the list, and what is known of the chosen one. */
export function Alerts() {
  const params = new URLSearchParams({ from: from.value, to: to.value, limit: "200" });
  for (const status of statuses.value) params.append("status", status);
  for (const severity of alertSeverities.value) params.append("severity", severity);
  const { data, problem, loading } = useQuery<List<AlertItem>>(`/alerts?${params.toString()}`, {
    every: 10_000,
  });
  const alerts = data?.items ?? [];
  const id = selected.value;
  useAction((action) => answerKey(action, alerts));
  return (
    <div class={id === "" ? "alerts" : "alerts alerts-open"}>
      <h1 class="visually-hidden">{t("nav.alerts")}</h1>
      <section class="panel panel-list" aria-busy={loading}>
        <div class="choices">
          <Choices
            label={t("alerts.status")}
            values={knownStatuses}
            chosen={statuses.value}
            name={(value) => tValue("status", value)}
            onChoose={(status) => go({ status, id: undefined })}
          />
          <Choices
            label={t("alerts.severity")}
            values={severities.slice(1)}
            chosen={alertSeverities.value}
            name={(value) => tValue("severity", value)}
            onChoose={(severity) => go({ severity, id: undefined })}
          />
        </div>
        {problem && !data ? (
          <Failed problem={problem} />
        ) : data === undefined ? (
          <div class="skeleton" />
        ) : alerts.length === 0 ? (
          <Empty icon="shield" title={t("alerts.none")}>
            <p>{t("alerts.noneHint")}</p>
          </Empty>
        ) : (
          <ul class="alert-rows">
            {alerts.map((alert) => (
              <AlertRow key={alert.id} alert={alert} open={alert.id === id} />
            ))}
          </ul>
        )}
      </section>
      {id === "" ? (
        <section class="panel panel-detail panel-none">
          <Empty icon="shield" title={t("alerts.choose")} />
        </section>
      ) : (
        <AlertDetail id={id} />
      )}
    </div>
  );
}

interface ChoicesProps {
  readonly label: string;
  readonly values: readonly string[];
  readonly chosen: readonly string[];
  readonly name: (value: string) => string;
  readonly onChoose: (values: string[]) => void;
}

/** A row of values of which any number may be chosen; none means all. */
const Choices = ({ label, values, chosen, name, onChoose }: ChoicesProps) => (
  <fieldset class="segments">
    <legend class="visually-hidden">{label}</legend>
    <button type="button" aria-pressed={chosen.length === 0} onClick={() => onChoose([])}>
      {t("alerts.any")}
    </button>
    {values.map((value) => (
      <button
        key={value}
        type="button"
        aria-pressed={chosen.includes(value)}
        onClick={() =>
          onChoose(chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value])
        }
      >
        {name(value)}
      </button>
    ))}
  </fieldset>
);

function AlertRow({ alert, open }: { alert: AlertItem; open: boolean }) {
  const who = alert.adversary?.ip ?? alert.adversary?.user ?? alert.adversary?.host;
  return (
    <li>
      <button
        type="button"
        class={`alert-row edge-${alert.severity === "high" || alert.severity === "critical" ? "hot" : "plain"}`}
        aria-current={open ? "true" : undefined}
        onClick={() => go({ id: open ? undefined : alert.id }, { replace: true })}
      >
        <span class="alert-first">
          <b>{alert.name}</b>
          <time class="muted" dateTime={alert["@timestamp"]}>
            {dayTime(alert["@timestamp"] ?? "")}
          </time>
        </span>
        <span class="alert-second">
          <SeverityBadge value={alert.severity} />
          {who === undefined ? null : <code>{who}</code>}
          <span class="muted">{alert.dataSource}</span>
          <span class="muted">{tCount("alerts.events", alert.eventCount, String(alert.eventCount))}</span>
          <StatusBadge value={alert.status} />
        </span>
      </button>
    </li>
  );
}

function answerKey(action: string, alerts: readonly AlertItem[]): boolean {
  const index = alerts.findIndex((alert) => alert.id === selected.value);
  const step = action === "next" ? 1 : action === "previous" ? -1 : 0;
  if (action === "close" && selected.value !== "") {
    go({ id: undefined }, { replace: true });
    return true;
  }
  if (step === 0 && !(action === "open" && index < 0)) return false;
  const alert = alerts[Math.min(alerts.length - 1, Math.max(0, index + (step || 1)))];
  if (alert) go({ id: alert.id }, { replace: true });
  return true;
}

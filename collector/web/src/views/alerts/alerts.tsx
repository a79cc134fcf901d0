import type { AlertItem, List } from "../../api/types.ts";
import { severities } from "../../api/types.ts";
import { t, tCount, tValue } from "../../i18n/index.ts";
import { dayTime } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { useAction } from "../../shell/shortcuts.ts";
import { alertSeverities, from, go, hiddenOnly, selected, statuses, to } from "../../state/address.ts";
import { Choices } from "../../ui/choices.tsx";
import { SeverityBadge } from "../../ui/severity.tsx";
import { Empty, Failed } from "../../ui/state-box.tsx";
import { answerListKey } from "../answer-list-key.ts";
import { AlertTabs } from "../cases/alert-tabs.tsx";
import { AlertDetail } from "./alert-detail.tsx";
import { knownStatuses, StatusBadge } from "./status-badge.tsx";

/** Alerts: the list, and what is known of the chosen one. */
export function Alerts() {
  const params = new URLSearchParams({ from: from.value, to: to.value, limit: "200" });
  for (const status of statuses.value) params.append("status", status);
  for (const severity of alertSeverities.value) params.append("severity", severity);
  if (hiddenOnly.value) params.set("hidden", "only");
  const { data, problem, loading } = useQuery<List<AlertItem>>(`/alerts?${params.toString()}`, {
    every: 10_000,
  });
  const alerts = data?.items ?? [];
  const id = selected.value;
  useAction((action) =>
    answerListKey(
      action,
      alerts.map((alert) => alert.id ?? ""),
    ),
  );
  return (
    <div class={id === "" ? "split" : "split split-open"}>
      <h1 class="visually-hidden">{t("nav.alerts")}</h1>
      <section class="panel panel-list" aria-busy={loading}>
        <div class="choices choices-spread">
          <AlertTabs />
        </div>
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
          <label class="case-check">
            <input
              type="checkbox"
              checked={hiddenOnly.value}
              onChange={(event) =>
                go({ hidden: event.currentTarget.checked ? "only" : undefined, id: undefined })
              }
            />
            {t("alerts.hiddenShow")}
          </label>
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
          <ul class="list-rows">
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

function AlertRow({ alert, open }: { alert: AlertItem; open: boolean }) {
  const who = alert.adversary?.ip ?? alert.adversary?.user ?? alert.adversary?.host;
  return (
    <li>
      <button
        type="button"
        class={`list-row edge-${alert.severity === "high" || alert.severity === "critical" ? "hot" : "plain"}`}
        aria-current={open ? "true" : undefined}
        onClick={() => go({ id: open ? undefined : alert.id }, { replace: true })}
      >
        <span class="list-first">
          <b>{alert.name}</b>
          <time class="muted" dateTime={alert["@timestamp"]}>
            {dayTime(alert["@timestamp"] ?? "")}
          </time>
        </span>
        <span class="list-second">
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

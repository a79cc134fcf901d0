import type { AlertItem } from "../../api/types.ts";
import { tCount } from "../../i18n/index.ts";
import { dayTime } from "../../lib/format.ts";
import { ListRow } from "../../ui/list-detail.tsx";
import { SeverityBadge } from "../../ui/severity.tsx";
import { CaseList } from "../cases/case-list.tsx";
import { AlertDetail } from "./alert-detail.tsx";
import { StatusBadge } from "./status-badge.tsx";

/** Alerts: the list, and what is known of the chosen one. */
export const Alerts = () => (
  <CaseList<AlertItem>
    kind="alerts"
    canHide
    idOf={({ id }) => id ?? ""}
    row={(alert, open) => <AlertRow key={alert.id} alert={alert} open={open} />}
    detail={(id) => <AlertDetail id={id} />}
  />
);

function AlertRow({ alert, open }: { alert: AlertItem; open: boolean }) {
  const who = alert.adversary?.ip ?? alert.adversary?.user ?? alert.adversary?.host;
  return (
    <ListRow
      id={alert.id ?? ""}
      open={open}
      edge={alert.severity === "high" || alert.severity === "critical" ? "hot" : "plain"}
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
    </ListRow>
  );
}

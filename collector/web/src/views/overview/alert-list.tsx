import type { AlertItem } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { ago } from "../../lib/format.ts";
import { addressOf } from "../../state/address.ts";
import { Link } from "../../ui/link.tsx";
import { SeverityBadge } from "../../ui/severity.tsx";
import { Empty } from "../../ui/state-box.tsx";

/** The latest alerts, a line each. */
export function AlertList({ alerts }: { alerts: readonly AlertItem[] }) {
  const now = Date.now();
  if (alerts.length === 0)
    return (
      <Empty icon="shield" title={t("alerts.none")}>
        <p>{t("alerts.noneHint")}</p>
      </Empty>
    );
  return (
    <ul class="alert-lines">
      {alerts.map((alert) => (
        <li key={alert.id}>
          <Link href={addressOf({ view: "alerts", id: alert.id ?? "" })}>
            <SeverityBadge value={alert.severity} />
            <span class="alert-name">{alert.name}</span>
            <code>{alert.adversary?.ip ?? alert.adversary?.user ?? alert.dataSource ?? ""}</code>
            <time class="muted" dateTime={alert["@timestamp"]}>
              {ago(alert["@timestamp"], now)}
            </time>
          </Link>
        </li>
      ))}
    </ul>
  );
}

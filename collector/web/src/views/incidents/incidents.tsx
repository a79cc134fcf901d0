import type { Incident } from "../../api/alert-types.ts";
import type { AlertItem, List } from "../../api/types.ts";
import { t, tCount, tValue } from "../../i18n/index.ts";
import { dayTime, fullTime, whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf } from "../../state/address.ts";
import { Link } from "../../ui/link.tsx";
import { AnsweredPane, ListRow } from "../../ui/list-detail.tsx";
import { SeverityBadge } from "../../ui/severity.tsx";
import { StatusBadge } from "../alerts/status-badge.tsx";
import { AttackTags } from "../cases/attack.tsx";
import { CaseList } from "../cases/case-list.tsx";
import { CasePanel } from "../cases/case-panel.tsx";

/** Incidents: alerts of the same story, and what is done about the chosen one. */
export const Incidents = () => (
  <CaseList<Incident>
    kind="incidents"
    idOf={({ id }) => id}
    row={(item, open) => <Row key={item.id} item={item} open={open} />}
    detail={(id) => <Detail key={id} id={id} />}
  />
);

const Row = ({ item, open }: { item: Incident; open: boolean }) => (
  <ListRow
    id={item.id}
    open={open}
    edge={item.severity === "high" || item.severity === "critical" ? "hot" : "plain"}
  >
    <span class="list-first">
      <b>{item.title}</b>
      <time class="muted" dateTime={item.lastAt}>
        {dayTime(item.lastAt)}
      </time>
    </span>
    <span class="list-second">
      <SeverityBadge value={item.severity} />
      <span class="muted">{tCount("incidents.alerts", item.alerts, whole(item.alerts))}</span>
      <span class="muted">{t("incidents.risk", { x: whole(item.risk) })}</span>
      {item.assignee === "" ? null : <span class="tag">{item.assignee}</span>}
      <StatusBadge value={item.status} />
    </span>
  </ListRow>
);

function Detail({ id }: { id: string }) {
  const { data, problem } = useQuery<Incident>(`/incidents/${encodeURIComponent(id)}`, { every: 10_000 });
  return (
    <AnsweredPane answer={{ data: data?.id === id ? data : undefined, problem }}>
      {(item) => <Body item={item} />}
    </AnsweredPane>
  );
}

function Body({ item }: { item: Incident }) {
  const risk = item.kind === "risk";
  const which = risk
    ? `entity=${encodeURIComponent(item.entities[0] ?? "")}`
    : `incident=${encodeURIComponent(item.id)}`;
  const alerts = useQuery<List<AlertItem>>(
    `/alerts?${which}&from=${encodeURIComponent(item.firstAt)}&limit=200`,
    { every: 10_000 },
  );
  const facts: [string, string][] = [
    [t("incidents.first"), fullTime(item.firstAt)],
    [t("incidents.last"), fullTime(item.lastAt)],
    [t("incidents.about"), item.entities.join(", ")],
    [t("col.source"), item.sources.join(", ")],
    [t("cases.assignee"), item.assignee],
  ];
  return (
    <div class="alert-body">
      <header>
        <p>
          <SeverityBadge value={item.severity} />
          <StatusBadge value={item.status} />
          {item.verdict === "" ? null : <span class="tag">{tValue("verdict", item.verdict)}</span>}
        </p>
        <h2>{item.title}</h2>
        {risk ? <p class="description">{t("incidents.riskText")}</p> : null}
        <AttackTags attack={item.attack} />
      </header>
      <dl class="facts">
        {facts.map(([name, value]) =>
          value === "" ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      <CasePanel key={item.id} kind="incident" id={item.id} state={item} />
      <h3>{t("nav.alerts")}</h3>
      <ul class="list-rows">
        {(alerts.data?.items ?? []).map((alert) => (
          <li key={alert.id}>
            <Link class="list-row" href={addressOf({ view: "alerts", id: alert.id })}>
              <span class="list-first">
                <b>{alert.name}</b>
                <time class="muted" dateTime={alert["@timestamp"]}>
                  {dayTime(alert["@timestamp"] ?? "")}
                </time>
              </span>
              <span class="list-second">
                <SeverityBadge value={alert.severity} />
                <span class="muted">{alert.dataSource}</span>
                <StatusBadge value={alert.status} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

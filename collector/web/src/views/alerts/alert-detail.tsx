import { useState } from "preact/hooks";
import type { Attack, CaseState } from "../../api/alert-types.ts";
import type { Alert, Event } from "../../api/types.ts";
import { t, tCount, tValue } from "../../i18n/index.ts";
import { fullTime, whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { isWebAddress } from "../../lib/web-address.ts";
import { addressOf } from "../../state/address.ts";
import { Link } from "../../ui/link.tsx";
import { AnsweredPane } from "../../ui/list-detail.tsx";
import { SeverityBadge } from "../../ui/severity.tsx";
import { AttackTags } from "../cases/attack.tsx";
import { CasePanel } from "../cases/case-panel.tsx";
import { Exclude } from "../cases/exclude.tsx";
import { leavesOf } from "../events/field-value.ts";
import { StatusBadge } from "./status-badge.tsx";
import { Timeline } from "./timeline.tsx";

type AlertDetails = Alert & CaseState & { readonly attack?: Attack; readonly incidentId?: string };

const hiddenReasons = ["inhibited", "silenced", "maintenance", "excepted"] as const;

/** What an alert means, who did what to whom, and the events it was raised for. */
export function AlertDetail({ id }: { id: string }) {
  const { data, problem } = useQuery<AlertDetails>(`/alerts/${encodeURIComponent(id)}`);
  return (
    <AnsweredPane answer={{ data: data?.id === id ? data : undefined, problem }}>
      {(alert) => <Body key={id} alert={alert} />}
    </AnsweredPane>
  );
}

function Body({ alert }: { alert: AlertDetails }) {
  const [excluding, setExcluding] = useState(false);
  const hidden = hiddenReasons.find((each) => each === alert.hidden);
  const events = eventsOf(alert);
  const facts: [string, string | undefined][] = [
    [t("alerts.raised"), fullTime(alert["@timestamp"] ?? "")],
    [t("alerts.category"), alert.category],
    [t("alerts.technique"), alert.technique],
    [t("alerts.rule"), alert.ruleId],
    [t("col.source"), [alert.dataType, alert.dataSource].filter(Boolean).join(" · ")],
    [t("alerts.impact"), impactText(alert)],
  ];
  return (
    <div class="alert-body">
      <header>
        <p>
          <SeverityBadge value={alert.severity} />
          <StatusBadge value={alert.status} />
          {alert.verdict === "" ? null : <span class="tag">{tValue("verdict", alert.verdict)}</span>}
        </p>
        <h2>{alert.name}</h2>
        {hidden === undefined ? null : <p class="hidden-note">{t(`hidden.${hidden}`)}</p>}
        {alert.description === undefined ? null : <p class="description">{alert.description}</p>}
        <AttackTags attack={alert.attack} />
        <div class="case-buttons">
          {alert.incidentId === undefined ? null : (
            <Link class="button" href={addressOf({ view: "incidents", id: alert.incidentId })}>
              {t("cases.incident")}
            </Link>
          )}
          <button type="button" class="button" onClick={() => setExcluding(true)}>
            {t("cases.exclude")}
          </button>
        </div>
        {excluding ? <Exclude alert={alert} onClose={() => setExcluding(false)} /> : null}
      </header>
      <CasePanel kind="alert" id={alert.id ?? ""} state={{ ...alert, status: alert.status ?? "open" }} />
      <dl class="facts">
        {facts.map(([name, value]) =>
          value === undefined || value === "" ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      <div class="sides">
        <Side title={t("alerts.adversary")} side={alert.adversary} />
        <Side title={t("alerts.target")} side={alert.target} />
      </div>
      {alert.references && alert.references.length > 0 ? (
        <div>
          <h3>{t("alerts.references")}</h3>
          <ul class="references">
            {alert.references.map((reference) => (
              <li key={reference}>
                {isWebAddress(reference) ? (
                  <a href={reference} target="_blank" rel="noopener noreferrer">
                    {reference}
                  </a>
                ) : (
                  reference
                )}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      <div class="timeline-head">
        <h3>
          {t("alerts.timeline")}{" "}
          <span class="muted">{tCount("alerts.timelineCount", events.length, whole(events.length))}</span>
        </h3>
        <Link class="button" href={eventsAddress(alert)}>
          {t("alerts.show")}
        </Link>
      </div>
      <Timeline events={events} />
    </div>
  );
}

function Side({ title, side }: { title: string; side: Alert["adversary"] }) {
  const leaves = side ? leavesOf(side).sort((a, b) => rank(a.path) - rank(b.path)) : [];
  if (leaves.length === 0) return null;
  return (
    <section class="side">
      <h3>{title}</h3>
      <dl>
        {leaves.map(({ path, text }) => (
          <div key={path}>
            <dt>{path}</dt>
            <dd>
              {path === "ip" ? <Link href={addressOf({ view: "address", q: text })}>{text}</Link> : text}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The events of an alert; the last one may stand beside the list or in it. */
function eventsOf({ events = [], lastEvent }: Alert): readonly Event[] {
  return lastEvent && !events.some((event) => event.id === lastEvent.id) ? [...events, lastEvent] : events;
}

/** Who it is comes first, then where, then the rest. */
const first = ["ip", "host", "user", "domain", "port", "geolocation.country"];
const rank = (path: string): number => (first.includes(path) ? first.indexOf(path) : first.length);

function impactText({ impact }: Alert): string | undefined {
  if (!impact) return undefined;
  const parts = [
    ["C", impact.confidentiality],
    ["I", impact.integrity],
    ["A", impact.availability],
  ] as const;
  return parts.map(([name, value]) => `${name} ${value ?? 0}`).join(" · ");
}

/** The events view around the alert: its adversary or source, from a little before to a little after. */
function eventsAddress(alert: Alert): string {
  const times = [...eventsOf(alert), alert]
    .map((each) => Date.parse(each["@timestamp"] ?? ""))
    .filter((time) => !Number.isNaN(time));
  const first = Math.min(...times) - 60_000;
  const last = Math.max(...times) + 60_000;
  const { ip, user } = alert.adversary ?? {};
  const filter =
    ip !== undefined
      ? [`origin.ip:eq:${ip}`]
      : user !== undefined
        ? [`origin.user:eq:${user}`]
        : alert.dataSource === undefined
          ? []
          : [`dataSource:eq:${alert.dataSource}`];
  return addressOf({
    view: "events",
    from: new Date(first).toISOString(),
    to: new Date(last).toISOString(),
    filter,
  });
}

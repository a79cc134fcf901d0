import type { AlertItem, Histogram, List, Stats, Top } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { countryName, flag } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf, from, go, to } from "../../state/address.ts";
import { BarList } from "../../ui/bar-list.tsx";
import { Legend } from "../../ui/chart/legend.tsx";
import { StackedBars } from "../../ui/chart/stacked-bars.tsx";
import { Link } from "../../ui/link.tsx";
import { Panel } from "../../ui/panel.tsx";
import { Empty } from "../../ui/state-box.tsx";
import { OverviewWidgets } from "../widgets/widgets.tsx";
import { AlertList } from "./alert-list.tsx";
import { HealthList } from "./health-list.tsx";
import { StatTiles } from "./stat-tiles.tsx";

const rows = 8;
const every = 10_000;

/** What is going on: rates, severities, who and where from, alerts, health. */
export function Overview() {
  const range = new URLSearchParams({ from: from.value, to: to.value }).toString();
  const top = (field: string) => `/events/top?${range}&field=${field}&limit=${rows}`;
  const stats = useQuery<Stats>("/stats", { every: 5_000 });
  const rate = useQuery<Histogram>(`/events/histogram?${range}&by=severity`, { every });
  const sources = useQuery<Top>(top("dataSource"), { every });
  const addresses = useQuery<Top>(top("origin.ip"), { every });
  const countries = useQuery<Top>(top("origin.geolocation.countryCode"), { every });
  const types = useQuery<Top>(top("eventType"), { every });
  const alerts = useQuery<List<AlertItem>>(`/alerts?${range}&limit=8`, { every });
  if (stats.data && stats.data.events.total === 0) return <FirstSteps />;
  return (
    <>
      <h1 class="visually-hidden">{t("nav.overview")}</h1>
      <StatTiles stats={stats} />
      <Panel
        title={t("overview.rate")}
        class="panel-rate"
        answer={rate}
        aside={
          <>
            {rate.data ? <Legend histogram={rate.data} /> : null}
            <Link href={addressOf({ view: "rollups" })}>{t("nav.rollups")}</Link>
          </>
        }
      >
        {(histogram) => (
          <StackedBars
            histogram={histogram}
            height={190}
            onZoom={(start, end) => go({ from: start, to: end })}
          />
        )}
      </Panel>
      <Panel title={t("overview.sources")} answer={sources}>
        {(data) => <BarList top={data} rows={rows} field="dataSource" />}
      </Panel>
      <Panel
        title={t("overview.ips")}
        answer={addresses}
        aside={<Link href={addressOf({ view: "address" })}>{t("address.explorer")}</Link>}
      >
        {(data) => <BarList top={data} rows={rows} field="origin.ip" label={(ip) => <code>{ip}</code>} />}
      </Panel>
      <Panel title={t("overview.countries")} answer={countries}>
        {(data) => (
          <BarList
            top={data}
            rows={rows}
            field="origin.geolocation.countryCode"
            label={(code) => <Country code={code} />}
          />
        )}
      </Panel>
      <Panel title={t("overview.types")} answer={types}>
        {(data) => <BarList top={data} rows={rows} field="eventType" />}
      </Panel>
      <Panel
        title={t("overview.alerts")}
        class="panel-alerts"
        answer={alerts}
        aside={<Link href={addressOf({ view: "alerts" })}>{t("overview.allAlerts")}</Link>}
      >
        {(list) => <AlertList alerts={list.items} />}
      </Panel>
      <Panel title={t("overview.health")} class="panel-health" answer={stats}>
        {(data) => <HealthList stats={data} />}
      </Panel>
      <OverviewWidgets />
    </>
  );
}

const Country = ({ code }: { code: string }) => (
  <>
    <span class="flag" aria-hidden="true">
      {flag(code)}
    </span>{" "}
    {countryName(code)}
  </>
);

/** What to do while the store is empty. */
const FirstSteps = () => (
  <section class="panel panel-wide">
    <Empty icon="pulse" title={t("events.empty")}>
      <p>{t("events.emptyHint")}</p>
      <pre>vedette agent</pre>
    </Empty>
  </section>
);

import { useState } from "preact/hooks";
import type { AlertItem, Histogram, List, Top } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { countryName, flag, short } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf, from, go, query, to } from "../../state/address.ts";
import { BarList } from "../../ui/bar-list.tsx";
import { Legend } from "../../ui/chart/legend.tsx";
import { StackedBars } from "../../ui/chart/stacked-bars.tsx";
import { Link } from "../../ui/link.tsx";
import { Panel } from "../../ui/panel.tsx";
import { Empty } from "../../ui/state-box.tsx";
import { AlertList } from "../overview/alert-list.tsx";
import { AddressWidgets } from "../widgets/widgets.tsx";
import { networkOf } from "./network.ts";

const rows = 8;
const sides = ["origin", "target"] as const;
type Side = (typeof sides)[number];

/** What an address or a network did, or what was done to it. `q` is the address. */
export function AddressExplorer() {
  const [side, setSide] = useState<Side>("origin");
  const network = networkOf(query.value);
  return (
    <>
      <h1 class="visually-hidden">{t("nav.address")}</h1>
      <section class="panel address-search">
        <Search key={query.value} />
        {network === undefined ? null : (
          <fieldset class="segments">
            <legend class="visually-hidden">{t("address.side")}</legend>
            {sides.map((each) => (
              <button key={each} type="button" aria-pressed={side === each} onClick={() => setSide(each)}>
                {t(`address.${each}`)}
              </button>
            ))}
          </fieldset>
        )}
        {network === undefined ? null : (
          <Link class="button" href={addressOf({ view: "actions", status: ["ask"], q: query.value })}>
            {t("address.act")}
          </Link>
        )}
        {network === undefined ? (
          <Empty icon="search" title={t(query.value === "" ? "address.choose" : "address.wrong")} />
        ) : null}
      </section>
      {network === undefined ? null : <Found key={`${network.cidr} ${side}`} {...{ ...network, side }} />}
    </>
  );
}

function Search() {
  const [typed, setTyped] = useState(query.value);
  return (
    <form
      class="address-form"
      onSubmit={(event) => {
        event.preventDefault();
        go({ q: typed.trim() });
      }}
    >
      <input
        class="input"
        aria-label={t("address.field")}
        placeholder="203.0.113.7, 198.51.100.0/24, 2001:db8::/32"
        maxLength={64}
        spellcheck={false}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button type="submit" class="button button-main">
        {t("address.look")}
      </button>
    </form>
  );
}

interface FoundProps {
  readonly cidr: string;
  readonly isOne: boolean;
  readonly side: Side;
}

function Found({ cidr, isOne, side }: FoundProps) {
  const filter = `${side}.ip:cidr:${cidr}`;
  const range = new URLSearchParams({ from: from.value, to: to.value });
  const search = new URLSearchParams([...range, ["filter", filter]]).toString();
  const top = (field: string) => `/events/top?${search}&field=${field}&limit=${rows}`;
  const rate = useQuery<Histogram>(`/events/histogram?${search}&by=severity`);
  const entity = encodeURIComponent(`ip:${cidr.split("/")[0]}`);
  const alerts = useQuery<List<AlertItem>>(
    isOne ? `/alerts?${range.toString()}&entity=${entity}&hidden=any&limit=8` : undefined,
  );
  const other = side === "origin" ? "target" : "origin";
  const fields = [
    ["address.types", "eventType"],
    ["address.results", "actionResult"],
    ["address.sources", "dataSource"],
    ["address.users", "target.user"],
    ["address.hosts", "target.host"],
    ["address.paths", "origin.path"],
    [isOne ? "address.others" : "address.members", isOne ? `${other}.ip` : `${side}.ip`],
    ["address.countries", `${side}.geolocation.countryCode`],
    ["address.networks", `${side}.geolocation.aso`],
  ] as const;
  return (
    <>
      <Panel
        title={t("address.events")}
        class="panel-rate"
        answer={rate}
        aside={
          <>
            {rate.data ? <Legend histogram={rate.data} /> : null}
            <Link href={addressOf({ view: "events", filter: [filter] })}>{t("address.allEvents")}</Link>
          </>
        }
      >
        {(histogram) => (
          <StackedBars
            histogram={histogram}
            height={150}
            onZoom={(start, end) => go({ from: start, to: end })}
          />
        )}
      </Panel>
      {isOne ? (
        <Panel title={t("address.alerts")} class="panel-alerts" answer={alerts}>
          {(list) =>
            list.items.length === 0 ? (
              <Empty icon="shield" title={t("address.noAlerts")} />
            ) : (
              <AlertList alerts={list.items} />
            )
          }
        </Panel>
      ) : null}
      <AddressWidgets filter={filter} />
      {fields.map(([title, field]) => (
        <TopPanel key={field} title={t(title)} path={top(field)} field={field} />
      ))}
    </>
  );
}

function TopPanel({ title, path, field }: { title: string; path: string; field: string }) {
  const answer = useQuery<Top>(path);
  const label = (value: string) => {
    if (field.endsWith("countryCode")) return `${flag(value)} ${countryName(value)}`;
    return field.endsWith(".ip") ? <code>{value}</code> : value;
  };
  return (
    <Panel
      title={title}
      answer={answer}
      aside={answer.data ? <span class="muted">{short(answer.data.distinct)}</span> : null}
    >
      {(data) =>
        data.items.length === 0 ? (
          <Empty icon="search" title={t("address.none")} />
        ) : (
          <BarList top={data} rows={rows} field={field} label={label} />
        )
      }
    </Panel>
  );
}

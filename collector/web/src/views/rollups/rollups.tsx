import type { List } from "../../api/types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { countryName, percent, short, whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf, by, days, go, query, selected, tenant } from "../../state/address.ts";
import { StackedBars } from "../../ui/chart/stacked-bars.tsx";
import { Link } from "../../ui/link.tsx";
import { Panel } from "../../ui/panel.tsx";
import { Empty } from "../../ui/state-box.tsx";
import { histogramOf, type Rollup, rangeOf } from "./series.ts";

const metrics = [
  ...(["events", "severity", "event_type", "data_type", "host", "asset", "access", "status"] as const),
  ...(["country", "security", "country_security", "scenario", "hour_access", "hour_security"] as const),
] as const;
const ranges = ["30", "90", "365", "3650"] as const;
/** Keys of the list. */
const most = 50;

/** Counts that outlive events: one of them over time, and what it is made of. */
export function Rollups() {
  const metric = metrics.find((each) => each === selected.value) ?? "events";
  const span = ranges.find((each) => each === days.value) ?? "90";
  const step = by.value === "month" || by.value === "day" ? by.value : Number(span) > 90 ? "month" : "day";
  const range = rangeOf(Number(span), Date.now());
  const key = query.value;
  const asked = new URLSearchParams({ metric, ...range });
  if (tenant.value !== "") asked.set("tenant", tenant.value);
  // By severity the chart stacks; else it draws the sum, so that a long range is never cut.
  const overTime = new URLSearchParams(asked);
  overTime.set("by", step);
  overTime.set("limit", "10000");
  if (key !== "") overTime.set("key", key);
  else if (metric !== "severity") overTime.set("sum", "true");
  const chart = useQuery<List<Rollup>>(`/rollups?${overTime}`);
  const list = useQuery<List<Rollup>>(`/rollups?${asked}&by=all&limit=${most}`);
  return (
    <div class="rollups">
      <h1 class="visually-hidden">{t("nav.rollups")}</h1>
      <Controls {...{ metric, span, step, range }} />
      <Panel
        title={t("rollups.over", { x: tValue("metric", metric) })}
        answer={chart}
        aside={key === "" ? null : <Only name={key} />}
      >
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="clock" title={t("rollups.none")}>
              <p>{t("rollups.noneHint")}</p>
            </Empty>
          ) : (
            <>
              <StackedBars
                histogram={histogramOf(items, range, step)}
                height={220}
                onZoom={() => undefined}
              />
              <p class="panel-foot">
                {t("rollups.total", { x: whole(items.reduce((sum, { value }) => sum + value, 0)) })}
              </p>
            </>
          )
        }
      </Panel>
      {metric === "events" ? null : (
        <Panel title={t("rollups.most")} answer={list}>
          {({ items }) => <Keys items={items} metric={metric} />}
        </Panel>
      )}
    </div>
  );
}

const Only = ({ name }: { name: string }) => (
  <span>
    <b>{t("rollups.only", { x: name })}</b> <Link href={addressOf({ q: undefined })}>{t("rollups.all")}</Link>
  </span>
);

interface ControlsProps {
  readonly metric: string;
  readonly span: string;
  readonly step: "day" | "month";
  readonly range: { readonly from: string; readonly to: string };
}

function Controls({ metric, span, step, range }: ControlsProps) {
  const { data } = useQuery<List<{ tenantId: string; events: number }>>(
    `/rollups/tenants?${new URLSearchParams(range)}`,
  );
  const tenants = data?.items ?? [];
  return (
    <section class="panel">
      <div class="choices rollup-controls">
        <label>
          {t("rollups.what")}
          <select
            class="input"
            value={metric}
            onChange={(event) => go({ id: event.currentTarget.value, q: undefined })}
          >
            {metrics.map((each) => (
              <option key={each} value={each}>
                {tValue("metric", each)}
              </option>
            ))}
          </select>
        </label>
        <Segments
          label={t("rollups.range")}
          values={ranges}
          chosen={span}
          name={(each) => t(`rollups.${each}`)}
          onChoose={(each) => go({ days: each, by: undefined })}
        />
        <Segments
          label={t("rollups.period")}
          values={["day", "month"] as const}
          chosen={step}
          name={(each) => t(`rollups.${each}`)}
          onChoose={(each) => go({ by: each })}
        />
        {tenants.length < 2 && tenant.value === "" ? null : (
          <label>
            {t("rollups.tenant")}
            <select
              class="input"
              value={tenant.value}
              onChange={(event) => go({ tenant: event.currentTarget.value, q: undefined })}
            >
              <option value="">{t("rollups.allTenants")}</option>
              {tenants.map(({ tenantId, events }) => (
                <option key={tenantId} value={tenantId}>
                  {tenantId} ({short(events)})
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
    </section>
  );
}

interface SegmentsProps<Value extends string> {
  readonly label: string;
  readonly values: readonly Value[];
  readonly chosen: string;
  readonly name: (value: Value) => string;
  readonly onChoose: (value: Value) => void;
}

/** Values of which one is chosen. */
const Segments = <Value extends string>({ label, values, chosen, name, onChoose }: SegmentsProps<Value>) => (
  <fieldset class="segments">
    <legend class="visually-hidden">{label}</legend>
    {values.map((value) => (
      <button key={value} type="button" aria-pressed={value === chosen} onClick={() => onChoose(value)}>
        {name(value)}
      </button>
    ))}
  </fieldset>
);

/** What a count is made of; a choice shows it alone over time. */
function Keys({ items, metric }: { items: readonly Rollup[]; metric: string }) {
  const highest = Math.max(1, ...items.map(({ value }) => value));
  const total = Math.max(
    1,
    items.reduce((sum, { value }) => sum + value, 0),
  );
  const labelOf = (key: string): string =>
    key === "…" ? t("rollups.rest") : metric.startsWith("country") ? countryName(key) : key || "–";
  return (
    <ol class="bars" style={{ "--rows": items.length }}>
      {items.map(({ key, value }) => (
        <li key={key}>
          <Link href={addressOf({ q: key })} title={`${key} · ${whole(value)} · ${percent(value / total)}`}>
            <span
              class="bar"
              style={{ width: `${Math.max(1, (value / highest) * 100)}%` }}
              aria-hidden="true"
            />
            <span class="bar-label">{labelOf(key)}</span>
            <span class="bar-count">{short(value)}</span>
          </Link>
        </li>
      ))}
    </ol>
  );
}

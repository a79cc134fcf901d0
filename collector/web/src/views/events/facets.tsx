import { useState } from "preact/hooks";
import type { Top } from "../../api/types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { countryName, flag, short } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { searchParams } from "../../state/address.ts";
import { Icon } from "../../ui/icon.tsx";
import { addFilter, filterFor } from "./filter-text.ts";

const facets = [
  "severity",
  "dataType",
  "dataSource",
  "eventType",
  "actionResult",
  "origin.ip",
  "origin.geolocation.countryCode",
  "origin.user",
  "statusCode",
] as const;
const openAtFirst = 6;

/** Values of a few fields, with counts; a click on one filters by it. */
export const Facets = () => (
  <aside class="facets" aria-label={t("events.facets")}>
    {facets.map((field, index) => (
      <Facet key={field} field={field} openAtFirst={index < openAtFirst} />
    ))}
  </aside>
);

function Facet({ field, openAtFirst: start }: { field: string; openAtFirst: boolean }) {
  const [open, setOpen] = useState(start);
  const path = `/events/top?${searchParams({ field, limit: "6" })}`;
  const { data, problem } = useQuery<Top>(open ? path : undefined, { every: 30_000 });
  return (
    <section class="facet">
      <h3>
        <button
          type="button"
          class="facet-head"
          aria-expanded={open}
          title={field}
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? "down" : "right"} size={13} /> <span>{shortName(field)}</span>
        </button>
      </h3>
      {open ? (
        <ul class={data || problem ? "" : "facet-loading"}>
          {(data?.items ?? []).map(({ value, count }) => (
            <Value
              key={value}
              field={field}
              value={value}
              count={count}
              share={count / Math.max(1, data?.total ?? 1)}
            />
          ))}
          {data && data.missing > 0 ? (
            <Value field={field} value="" count={data.missing} share={data.missing / data.total} />
          ) : null}
          {data && data.distinct > data.items.length ? (
            <li class="facet-more muted">
              {t("facet.more", { x: short(data.distinct - data.items.length) })}
            </li>
          ) : null}
        </ul>
      ) : null}
    </section>
  );
}

interface ValueProps {
  readonly field: string;
  readonly value: string;
  readonly count: number;
  readonly share: number;
}

function Value({ field, value, count, share }: ValueProps) {
  const name = labelOf(field, value);
  return (
    <li class="facet-value">
      <span class="bar" style={{ width: `${share * 100}%` }} aria-hidden="true" />
      <button
        type="button"
        class="facet-name"
        title={t("events.include", { x: name })}
        onClick={() => addFilter(filterFor(field, value, false))}
      >
        <span>{name}</span>
        <span class="muted">{short(count)}</span>
      </button>
      <button
        type="button"
        class="facet-not"
        aria-label={t("events.exclude", { x: name })}
        title={t("events.exclude", { x: name })}
        onClick={() => addFilter(filterFor(field, value, true))}
      >
        <Icon name="minus" size={13} />
      </button>
    </li>
  );
}

/** The last two parts of a path say enough beside its values. */
const shortName = (field: string): string => field.split(".").slice(-2).join(".");

function labelOf(field: string, value: string): string {
  if (value === "") return t("facet.empty");
  if (field === "severity") return tValue("severity", value);
  if (field.endsWith(".countryCode")) return `${flag(value)} ${countryName(value)}`;
  return value;
}

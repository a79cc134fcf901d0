import { useState } from "preact/hooks";
import type { Event, Histogram } from "../../api/types.ts";
import { t, tCount } from "../../i18n/index.ts";
import { duration, whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { searchBoxId, useAction } from "../../shell/shortcuts.ts";
import { filters, go, query, searchParams, selected, tailing, to } from "../../state/address.ts";
import { Legend } from "../../ui/chart/legend.tsx";
import { StackedBars } from "../../ui/chart/stacked-bars.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Empty, Failed } from "../../ui/state-box.tsx";
import { EventDetail } from "./event-detail.tsx";
import { EventTable } from "./event-table.tsx";
import { Facets } from "./facets.tsx";
import { FilterChips } from "./filter-chips.tsx";
import { LiveBar } from "./live-bar.tsx";
import { SearchBox } from "./search-box.tsx";
import { useEventList } from "./use-event-list.ts";

/** Search: what is asked, when it happened, what values there are, and the events themselves. */
export function Events() {
  const search = searchParams();
  const follows = tailing.value;
  const list = useEventList(search, tailParams(), follows);
  const every = follows ? 5_000 : to.value === "now" ? 30_000 : undefined;
  const histogram = useQuery<Histogram>(`/events/histogram?${search}&by=severity`, every ? { every } : {});
  const [facetsOpen, setFacetsOpen] = useState(false);
  const { events, problem, loaded } = list;
  useAction((action) => answerKey(action, events));
  const total = histogram.data?.items.reduce((sum, item) => sum + item.count, 0);
  return (
    <div class={selected.value === "" ? "events" : "events events-open"}>
      <h1 class="visually-hidden">{t("nav.events")}</h1>
      <div class="events-head">
        <SearchBox problem={problem} />
        <LiveBar list={list} />
        <button
          type="button"
          class="button facets-button"
          aria-expanded={facetsOpen}
          onClick={() => setFacetsOpen(!facetsOpen)}
        >
          <Icon name="filter" size={14} /> {t("events.facets")}
        </button>
      </div>
      <FilterChips />
      <section class="panel panel-histogram" aria-busy={histogram.loading}>
        <header>
          <h2>{total === undefined ? "\u00a0" : tCount("events.found", total, whole(total))}</h2>
          <span class="muted">
            {histogram.data
              ? `${t("events.interval", { x: duration(histogram.data.intervalSeconds) })} · ${t("events.zoom")}`
              : ""}
          </span>
          {histogram.data ? <Legend histogram={histogram.data} /> : null}
        </header>
        <div class="histogram">
          {histogram.data ? (
            <StackedBars
              histogram={histogram.data}
              height={104}
              onZoom={(start, end) => go({ from: start, to: end, tail: undefined })}
            />
          ) : null}
        </div>
      </section>
      <div class={facetsOpen ? "events-body facets-open" : "events-body"}>
        <Facets />
        <section class="panel panel-table">
          {problem?.status === 400 ? (
            <Empty icon="search" title={t("events.wrong")}>
              <p>{t("events.wrongHint")}</p>
            </Empty>
          ) : problem && events.length === 0 ? (
            <Failed problem={problem} />
          ) : loaded && events.length === 0 ? (
            <NoEvents />
          ) : (
            <EventTable list={list} />
          )}
        </section>
      </div>
      <Detail events={events} />
    </div>
  );
}

function tailParams(): string {
  const params = new URLSearchParams();
  if (query.value !== "") params.set("q", query.value);
  for (const filter of filters.value) params.append("filter", filter);
  return params.toString();
}

/** The details of the chosen event: from the list, or asked for where an address leads straight to it. */
function Detail({ events }: { events: readonly Event[] }) {
  const id = selected.value;
  const listed = events.find((event) => event.id === id);
  const asked = useQuery<Event>(id !== "" && !listed ? `/events/${encodeURIComponent(id)}` : undefined);
  if (id === "") return null;
  const event = listed ?? (asked.data?.id === id ? asked.data : undefined);
  if (event) return <EventDetail event={event} />;
  return asked.problem ? (
    <aside class="drawer">
      <Failed problem={asked.problem} />
    </aside>
  ) : null;
}

const NoEvents = () => (
  <Empty icon="search" title={t("events.none")}>
    <p>{t("events.noneHint")}</p>
  </Empty>
);

function answerKey(action: string, events: readonly Event[]): boolean {
  const index = events.findIndex((event) => event.id === selected.value);
  const choose = (place: number) => {
    const event = events[Math.min(events.length - 1, Math.max(0, place))];
    if (event) go({ id: event.id }, { replace: true });
    return true;
  };
  switch (action) {
    case "search": {
      const box = document.getElementById(searchBoxId);
      box?.focus();
      return box !== null;
    }
    case "next":
      return choose(index + 1);
    case "previous":
      return choose(index < 0 ? 0 : index - 1);
    case "open":
      return index < 0 && choose(0);
    case "close":
      if (selected.value === "") return false;
      go({ id: undefined }, { replace: true });
      return true;
    case "live":
      go({ tail: tailing.value ? undefined : "1" });
      return true;
    default:
      return false;
  }
}

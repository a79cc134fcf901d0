// biome-ignore-all lint/a11y/useSemanticElements: rows out of sight are not drawn, which a table element cannot be.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid itself takes the focus, j and k move in it.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Event } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { clockTime, countryName, dayTime, flag, fullTime } from "../../lib/format.ts";
import { go, selected } from "../../state/address.ts";
import { SeverityBadge } from "../../ui/severity.tsx";
import type { EventList } from "./use-event-list.ts";

const rowHeight = 29;
/** Rows drawn above and below what is seen. */
const margin = 12;

const columns = ["time", "severity", "type", "source", "origin", "user", "event", "message"] as const;

/** Events as a table of which only the rows in sight are drawn. */
export function EventTable({ list }: { list: EventList }) {
  const { events, next, loading, loadMore } = list;
  const frame = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ top: 0, height: 600 });
  const open = selected.value;
  useEffect(() => {
    const node = frame.current;
    if (!node) return;
    const look = () => setPlace({ top: node.scrollTop, height: node.clientHeight });
    look();
    const observer = new ResizeObserver(look);
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  // The chosen row is kept in sight when it is chosen by key.
  useEffect(() => {
    const index = events.findIndex((event) => event.id === open);
    const node = frame.current;
    if (index < 0 || !node) return;
    const y = index * rowHeight;
    const head = 30;
    if (y < node.scrollTop) node.scrollTop = y;
    else if (y + rowHeight + head > node.scrollTop + node.clientHeight)
      node.scrollTop = y + rowHeight + head - node.clientHeight;
  }, [open]);

  const first = Math.max(0, Math.floor(place.top / rowHeight) - margin);
  const last = Math.min(events.length, Math.ceil((place.top + place.height) / rowHeight) + margin);
  const sameDay = isSameDay(events);
  return (
    <div
      class="table"
      role="grid"
      aria-rowcount={next === null ? events.length : -1}
      aria-busy={loading}
      ref={frame}
      tabIndex={0}
      onScroll={(event) => {
        const node = event.currentTarget;
        setPlace({ top: node.scrollTop, height: node.clientHeight });
        if (node.scrollHeight - node.scrollTop - node.clientHeight < 800) loadMore();
      }}
    >
      <div class="table-head table-row" role="row">
        {columns.map((name) => (
          <span key={name} role="columnheader" class={`cell-${name}`}>
            {t(`col.${name}`)}
          </span>
        ))}
      </div>
      <div class="table-body" style={{ height: `${events.length * rowHeight}px` }}>
        <div style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {events.slice(first, last).map((event, index) => (
            <Row
              key={event.id}
              event={event}
              index={first + index}
              open={event.id === open}
              sameDay={sameDay}
            />
          ))}
        </div>
      </div>
      <p class="table-end muted">
        {loading ? t("events.loadMore") : next === null ? t("events.end") : "\u00a0"}
      </p>
    </div>
  );
}

interface RowProps {
  readonly event: Event;
  readonly index: number;
  readonly open: boolean;
  readonly sameDay: boolean;
}

function Row({ event, index, open, sameDay }: RowProps) {
  const time = event["@timestamp"] ?? "";
  const code = event.origin?.geolocation?.countryCode ?? "";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: j, k and Enter do the same for the whole table.
    <div
      class={`table-row row-${event.severity === "critical" || event.severity === "high" ? "hot" : "plain"}`}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={open}
      onClick={() => go({ id: open ? undefined : event.id }, { replace: true })}
    >
      <span role="gridcell" class="cell-time" title={fullTime(time)}>
        {sameDay ? clockTime(time) : dayTime(time)}
      </span>
      <span role="gridcell" class="cell-severity">
        <SeverityBadge value={event.severity} />
      </span>
      <span role="gridcell" class="cell-type">
        {event.dataType}
      </span>
      <span role="gridcell" class="cell-source">
        {event.dataSource}
      </span>
      <span role="gridcell" class="cell-origin">
        <code>{event.origin?.ip ?? event.origin?.host ?? ""}</code>
        {code === "" ? null : (
          <span class="flag" title={countryName(code)}>
            {flag(code)}
          </span>
        )}
      </span>
      <span role="gridcell" class="cell-user">
        {event.origin?.user ?? event.target?.user ?? ""}
      </span>
      <span role="gridcell" class="cell-event">
        {event.eventType ?? event.action ?? ""}
      </span>
      <code class="cell-message">{oneLine(event.raw ?? "")}</code>
    </div>
  );
}

/** A long line costs layout time, and no row shows more than this. */
const oneLine = (text: string): string => text.slice(0, 400).replaceAll(/\s+/g, " ");

function isSameDay(events: readonly Event[]): boolean {
  const day = (event: Event | undefined) => new Date(event?.["@timestamp"] ?? "").toDateString();
  return day(events[0]) === day(events.at(-1));
}

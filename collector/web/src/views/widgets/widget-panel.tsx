import type { WidgetItem } from "../../api/plugin-types.ts";
import type { Event, Histogram, List, Top } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { dayTime, whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf, go } from "../../state/address.ts";
import { BarList } from "../../ui/bar-list.tsx";
import { StackedBars } from "../../ui/chart/stacked-bars.tsx";
import { Link } from "../../ui/link.tsx";
import { Panel } from "../../ui/panel.tsx";
import { SeverityBadge } from "../../ui/severity.tsx";

const every = { every: 15_000 };

/** One widget of a plugin. It is data only: what it shows is drawn here, as everything else of the page. */
export function WidgetPanel({ widget }: { widget: WidgetItem }) {
  if (widget.kind === "counter") return <Counter widget={widget} />;
  if (widget.kind === "trend") return <Trend widget={widget} />;
  if (widget.kind === "top") return <Tops widget={widget} />;
  return <Feed widget={widget} />;
}

interface WidgetProps {
  readonly widget: WidgetItem;
}

/** The search behind a widget, for the events view. */
function searchOf({ data }: WidgetItem): { q: string; filter: string[]; from: string; to: string } {
  const params = new URLSearchParams(data.slice(data.indexOf("?") + 1));
  const filter = params.getAll("filter");
  return { q: params.get("q") ?? "", filter, from: params.get("from") ?? "-24h", to: "now" };
}

const ToEvents = ({ widget }: WidgetProps) => (
  <Link
    href={addressOf({ view: "events", ...searchOf(widget) })}
    label={`${widget.title}: ${t("alerts.show")}`}
  >
    {t("nav.events")}
  </Link>
);

function Counter({ widget }: WidgetProps) {
  const answer = useQuery<Histogram>(widget.data, every);
  return (
    <Panel title={widget.title} answer={answer} aside={<ToEvents widget={widget} />} class="panel-widget">
      {({ items }) => (
        <p class="widget-count">
          <strong>{whole(items.reduce((sum, { count }) => sum + count, 0))}</strong>
        </p>
      )}
    </Panel>
  );
}

function Trend({ widget }: WidgetProps) {
  const answer = useQuery<Histogram>(`${widget.data}&by=severity`, every);
  return (
    <Panel
      title={widget.title}
      answer={answer}
      aside={<ToEvents widget={widget} />}
      class="panel-widget panel-widget-wide"
    >
      {(histogram) => (
        <StackedBars
          histogram={histogram}
          height={150}
          onZoom={(from, to) => go({ view: "events", ...searchOf(widget), from, to })}
        />
      )}
    </Panel>
  );
}

function Tops({ widget }: WidgetProps) {
  const answer = useQuery<Top>(widget.data, every);
  const field = new URLSearchParams(widget.data.slice(widget.data.indexOf("?") + 1)).get("field") ?? "";
  return (
    <Panel title={widget.title} answer={answer} aside={<ToEvents widget={widget} />} class="panel-widget">
      {(top) => <BarList top={top} rows={Math.max(1, top.items.length)} field={field} />}
    </Panel>
  );
}

function Feed({ widget }: WidgetProps) {
  const answer = useQuery<List<Event>>(widget.data, every);
  return (
    <Panel
      title={widget.title}
      answer={answer}
      aside={<ToEvents widget={widget} />}
      class="panel-widget panel-widget-wide"
    >
      {({ items }) =>
        items.length === 0 ? (
          <p class="widget-none">{t("events.none")}</p>
        ) : (
          <ul class="feed">
            {items.map((event) => (
              <li key={event.id}>
                <Link href={addressOf({ view: "events", ...searchOf(widget), id: event.id ?? "" })}>
                  <time class="muted" dateTime={event["@timestamp"]}>
                    {dayTime(event["@timestamp"] ?? "")}
                  </time>
                  <SeverityBadge value={event.severity} />
                  <span class="feed-text">{event.raw ?? event.eventType}</span>
                </Link>
              </li>
            ))}
          </ul>
        )
      }
    </Panel>
  );
}

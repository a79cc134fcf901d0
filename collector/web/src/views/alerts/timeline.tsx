import type { Event } from "../../api/types.ts";
import { clockTime } from "../../lib/format.ts";
import { addressOf } from "../../state/address.ts";
import { Link } from "../../ui/link.tsx";
import { known } from "../../ui/severity.tsx";

const shown = 200;

/** An alert's events in their order, with where they lie in time. */
export function Timeline({ events }: { events: readonly Event[] }) {
  const sorted = [...events].sort((a, b) => timeOf(a) - timeOf(b));
  const first = timeOf(sorted[0]);
  const span = Math.max(1, timeOf(sorted.at(-1)) - first);
  return (
    <>
      <svg class="timeline-axis" viewBox="0 0 1000 22" preserveAspectRatio="none" aria-hidden="true">
        <line x1="6" x2="994" y1="11" y2="11" />
        {sorted.slice(0, 1_000).map((event) => (
          <rect
            key={event.id}
            class={`fill-${known(event.severity)}`}
            x={6 + ((timeOf(event) - first) / span) * 984}
            y="2"
            width="4"
            height="18"
          />
        ))}
      </svg>
      <ol class="timeline">
        {sorted.slice(0, shown).map((event) => (
          <li key={event.id}>
            <Link href={eventAddress(event)}>
              <i class={`dot swatch-${known(event.severity)}`} aria-hidden="true" />
              <time dateTime={event["@timestamp"]}>{clockTime(event["@timestamp"] ?? "")}</time>
              <span class="timeline-type">{event.eventType ?? event.dataType}</span>
              <code>{(event.raw ?? "").slice(0, 300)}</code>
            </Link>
          </li>
        ))}
      </ol>
    </>
  );
}

const timeOf = (event: Event | undefined): number => Date.parse(event?.["@timestamp"] ?? "") || 0;

function eventAddress(event: Event): string {
  const at = timeOf(event);
  return addressOf({
    view: "events",
    from: new Date(at - 60_000).toISOString(),
    to: new Date(at + 60_000).toISOString(),
    id: event.id ?? "",
  });
}

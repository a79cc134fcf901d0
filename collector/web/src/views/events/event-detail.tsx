import { useState } from "preact/hooks";
import type { Event } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { fullTime } from "../../lib/format.ts";
import { addressOf, go } from "../../state/address.ts";
import { Icon } from "../../ui/icon.tsx";
import { Link } from "../../ui/link.tsx";
import { SeverityBadge } from "../../ui/severity.tsx";
import { leavesOf } from "./field-value.ts";
import { addFilter, filterFor } from "./filter-text.ts";

const hidden: ReadonlySet<string> = new Set(["raw", "errors"]);

/** Everything that is known of one event; each value can become a filter. */
export function EventDetail({ event }: { event: Event }) {
  const leaves = leavesOf(event).filter((leaf) => !hidden.has(leaf.path));
  return (
    <aside class="drawer" aria-label={t("events.details")}>
      <header>
        <div class="drawer-title">
          <SeverityBadge value={event.severity} />
          <h2>{event.eventType ?? event.action ?? event.dataType}</h2>
          <time class="muted" dateTime={event["@timestamp"]}>
            {fullTime(event["@timestamp"] ?? "")}
          </time>
        </div>
        <CopyButton event={event} />
        <button
          type="button"
          class="tool"
          aria-label={t("events.close")}
          title={`${t("events.close")} (Esc)`}
          onClick={() => go({ id: undefined }, { replace: true })}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="drawer-body">
        <h3>{t("events.raw")}</h3>
        <pre class="raw">{event.raw ?? ""}</pre>
        {event.errors && event.errors.length > 0 ? (
          <>
            <h3>{t("events.errors")}</h3>
            <ul class="errors">
              {event.errors.map((error) => (
                <li key={error}>{error}</li>
              ))}
            </ul>
          </>
        ) : null}
        <h3>{t("events.fields")}</h3>
        <dl class="leaves">
          {leaves.map(({ path, text, filterable }) => (
            <div key={path}>
              <dt>{path}</dt>
              <dd>
                <span>
                  {path === "origin.ip" || path === "target.ip" ? (
                    <Link
                      href={addressOf({ view: "address", q: text })}
                      title={t("address.explore", { x: text })}
                    >
                      {text}
                    </Link>
                  ) : (
                    text
                  )}
                </span>
                {filterable ? <FilterButtons path={path} text={text} /> : null}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </aside>
  );
}

const FilterButtons = ({ path, text }: { path: string; text: string }) => (
  <span class="leaf-tools">
    {([false, true] as const).map((without) => {
      const label = t(without ? "events.exclude" : "events.include", { x: text.slice(0, 60) });
      return (
        <button
          key={String(without)}
          type="button"
          class="leaf-tool"
          aria-label={label}
          title={label}
          onClick={() => addFilter(filterFor(path, text, without))}
        >
          <Icon name={without ? "minus" : "plus"} size={13} />
        </button>
      );
    })}
  </span>
);

function CopyButton({ event }: { event: Event }) {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      class="tool"
      aria-label={copied ? t("events.copied") : t("events.copy")}
      title={copied ? t("events.copied") : t("events.copy")}
      onClick={() => {
        void navigator.clipboard.writeText(JSON.stringify(event, null, 2)).then(() => setCopied(true));
      }}
    >
      <Icon name="copy" />
    </button>
  );
}

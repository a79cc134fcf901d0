import { t } from "../../i18n/index.ts";
import { whole } from "../../lib/format.ts";
import { go, tailing } from "../../state/address.ts";
import { Icon } from "../../ui/icon.tsx";
import type { EventList } from "./use-event-list.ts";

/** Following live: on, off, pause, and what was not shown. */
export function LiveBar({ list }: { list: EventList }) {
  const { live, setPaused } = list;
  if (!tailing.value)
    return (
      <button type="button" class="button live-button" onClick={() => go({ tail: "1" })}>
        <Icon name="play" size={14} /> {t("events.live")}
      </button>
    );
  return (
    <span class="live">
      <span class="live-state" role="status">
        <i
          class={`dot ${live.connected && !live.paused ? "dot-good dot-live" : "dot-warn"}`}
          aria-hidden="true"
        />
        {live.paused
          ? t("events.waiting", { x: whole(live.waiting) })
          : t(live.connected ? "events.following" : "events.reconnecting")}
      </span>
      {live.dropped > 0 ? <span class="muted">{t("events.dropped", { x: whole(live.dropped) })}</span> : null}
      <button type="button" class="button" onClick={() => setPaused(!live.paused)}>
        <Icon name={live.paused ? "play" : "pause"} size={14} />{" "}
        {t(live.paused ? "events.resume" : "events.pause")}
      </button>
      <button type="button" class="button" aria-pressed={true} onClick={() => go({ tail: undefined })}>
        {t("events.liveOff")}
      </button>
    </span>
  );
}

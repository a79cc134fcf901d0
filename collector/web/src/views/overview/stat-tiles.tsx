import type { ComponentChildren } from "preact";
import type { Stats } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { bytes, duration, short, whole } from "../../lib/format.ts";
import type { Answer } from "../../lib/use-query.ts";
import { addressOf } from "../../state/address.ts";
import { Link } from "../../ui/link.tsx";

interface TileProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly hint: string | undefined;
  readonly tone?: "good" | "warn" | "bad" | undefined;
  readonly href?: string;
}

const Tile = ({ label, value, hint, tone, href }: TileProps) => {
  const body: ComponentChildren = (
    <>
      <span class="tile-label">{label}</span>
      <strong class={tone === undefined ? "" : `tone-${tone}`}>{value ?? "\u00a0"}</strong>
      <span class="tile-hint">{hint ?? "\u00a0"}</span>
    </>
  );
  return <li class="tile">{href === undefined ? <div>{body}</div> : <Link href={href}>{body}</Link>}</li>;
};

/** The numbers of the moment. */
export function StatTiles({ stats: { data } }: { stats: Answer<Stats> }) {
  const connected = data?.agents.filter((agent) => agent.connected).length ?? 0;
  const known = data?.agents.length ?? 0;
  const lag = data?.events.lagSeconds;
  return (
    <ul class="tiles">
      <Tile
        label={t("stat.rate")}
        value={data && short(data.events.perSecond)}
        hint={data && t("stat.hour", { x: short(data.events.lastHour) })}
      />
      <Tile
        label={t("stat.stored")}
        value={data && short(data.events.total)}
        hint={
          data?.engine.bytesOnDisk === undefined
            ? ""
            : t("stat.onDisk", { x: bytes(data.engine.bytesOnDisk) })
        }
      />
      <Tile
        label={t("stat.alerts")}
        value={data && whole(data.alerts.open)}
        hint={data && t("stat.alertsDay", { x: whole(data.alerts.lastDay) })}
        tone={data && data.alerts.open > 0 ? "warn" : undefined}
        href={addressOf({ view: "alerts", status: ["open"] })}
      />
      <Tile
        label={t("stat.agents")}
        value={data && whole(connected)}
        hint={data && t("stat.agentsOf", { x: whole(known) })}
        tone={known > 0 && connected === 0 ? "bad" : connected < known ? "warn" : undefined}
      />
      <Tile
        label={t("stat.lag")}
        value={data && (lag === undefined ? "–" : duration(lag))}
        hint={t("stat.lagHint")}
        tone={lag !== undefined && lag > 60 ? "warn" : undefined}
      />
      <Tile
        label={t("stat.letters")}
        value={data && whole(data.deadLetters.lastDay)}
        hint={t("stat.lettersHint")}
        tone={data && data.deadLetters.lastDay > 0 ? "warn" : undefined}
      />
    </ul>
  );
}

import type { AssetItem } from "../../api/plugin-types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { ago, fullTime } from "../../lib/format.ts";
import { isWebAddress } from "../../lib/web-address.ts";
import { addressOf } from "../../state/address.ts";
import { Link } from "../../ui/link.tsx";

/** A system with its addresses and programs. */
export function AssetCard({ asset }: { asset: AssetItem }) {
  const { name, kind, plugin, active, offline, hostnames, ips, apps, criticality, labels } = asset;
  const facts = [...hostnames, ...ips];
  return (
    <li class={active ? "card" : "card card-off"}>
      <div class="list-first">
        <h2>{name}</h2>
        <span class={active ? "status" : "status status-closed"}>
          {tValue("assetState", active ? "active" : "inactive")}
        </span>
        {offline ? <span class="status status-closed">{t("assets.offline")}</span> : null}
      </div>
      <p class="muted">
        {kind} ·{" "}
        <Link href={addressOf({ view: "plugins", id: plugin })} title={asset.id}>
          {plugin}
        </Link>{" "}
        ·{" "}
        <time dateTime={asset.lastSeen} title={fullTime(asset.lastSeen)}>
          {t("assets.seen", { x: ago(asset.lastSeen, Date.now()) })}
        </time>
        {" · "}
        <Link
          href={addressOf({ view: "events", filter: [`asset:${asset.assetId}`], from: "-7d", to: "now" })}
        >
          {t("nav.events")}
        </Link>
        {criticality > 0 ? ` · ${t("assets.criticality", { x: String(criticality) })}` : ""}
      </p>
      {facts.length === 0 ? null : <p class="mono wrap">{facts.join(", ")}</p>}
      {Object.keys(labels).length === 0 ? null : (
        <p>
          {Object.entries(labels).map(([key, value]) => (
            <span key={key} class="tag">
              {key}: {value}
            </span>
          ))}
        </p>
      )}
      {apps.length === 0 ? null : (
        <ul class="apps">
          {apps.map((app) => (
            <li key={`${app.name} ${app.hostUrl ?? ""}`}>
              {app.appUrl !== undefined && isWebAddress(app.appUrl) ? (
                <a href={app.appUrl} target="_blank" rel="noopener noreferrer">
                  {app.name}
                </a>
              ) : (
                <span>{app.name}</span>
              )}
              <span class="muted">{app.version}</span>
              {app.active === false ? (
                <span class="tag">{tValue("assetState", "inactive")}</span>
              ) : app.updateAvailable === true ? (
                <Newest app={app} />
              ) : null}
              <code class="muted">{app.hostUrl}</code>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

type App = AssetItem["apps"][number];

/** The newest release of a program that is older, with the way to it where that is a web address. */
function Newest({ app: { latestVersion = "", latestUrl } }: { app: App }) {
  const text = t("assets.update", { x: latestVersion });
  return latestUrl !== undefined && isWebAddress(latestUrl) ? (
    <a class="tag" href={latestUrl} target="_blank" rel="noopener noreferrer">
      {text}
    </a>
  ) : (
    <span class="tag">{text}</span>
  );
}

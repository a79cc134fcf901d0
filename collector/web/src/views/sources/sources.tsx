import { useState } from "preact/hooks";
import type { SourceState } from "../../api/alert-types.ts";
import type { List } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { ago, duration, fullTime, whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf } from "../../state/address.ts";
import { Link } from "../../ui/link.tsx";
import { Empty } from "../../ui/state-box.tsx";
import { AlertPanel, Figures } from "../cases/alert-panel.tsx";

/** Sources drawn; those first that were heard longest ago. */
const most = 300;

/** Where events come from, and which sources went silent. */
export function Sources() {
  const answer = useQuery<List<SourceState>>("/sources", { every: 15_000 });
  const [silentOnly, setSilentOnly] = useState(false);
  const tools = (
    <fieldset class="segments">
      <legend class="visually-hidden">{t("sources.which")}</legend>
      {[false, true].map((each) => (
        <button
          key={String(each)}
          type="button"
          aria-pressed={silentOnly === each}
          onClick={() => setSilentOnly(each)}
        >
          {t(each ? "sources.silent" : "sources.all")}
        </button>
      ))}
    </fieldset>
  );
  return (
    <AlertPanel title="nav.sources" answer={answer} tools={tools}>
      {({ items }) => {
        const chosen = silentOnly ? items.filter(({ alertId }) => alertId !== undefined) : items;
        if (chosen.length === 0) return <Nothing silentOnly={silentOnly && items.length > 0} />;
        return (
          <>
            <ul class="scores">
              {chosen.slice(0, most).map((source) => (
                <Row
                  key={`${source.tenantId}/${source.dataType}/${source.dataSource}`}
                  source={source}
                  several={items.some(({ tenantId }) => tenantId !== items[0]?.tenantId)}
                />
              ))}
            </ul>
            {chosen.length > most ? (
              <p class="panel-foot">{t("sources.more", { x: whole(chosen.length - most) })}</p>
            ) : null}
          </>
        );
      }}
    </AlertPanel>
  );
}

const Nothing = ({ silentOnly }: { silentOnly: boolean }) => (
  <Empty icon="pulse" title={t(silentOnly ? "sources.noneSilent" : "sources.none")}>
    {silentOnly ? null : <p>{t("sources.noneHint")}</p>}
  </Empty>
);

/** `several`: there are sources of more than one tenant, so each says whose it is. */
function Row({ source, several }: { source: SourceState; several: boolean }) {
  const { alertId, dataSource, dataType, firstAt, lastAt, longestPauseSeconds } = source;
  const silent = alertId !== undefined;
  return (
    <li class="score">
      <div class="score-head">
        <span class={`advice advice-${silent ? "retire" : "keep"}`}>
          {t(silent ? "sources.isSilent" : "sources.isHeard")}
        </span>
        <b>{dataSource}</b>
        <span class="tag">{dataType}</span>
        {several ? <span class="tag">{source.tenantId}</span> : null}
        {silent ? (
          <Link class="muted" href={addressOf({ view: "alerts", id: alertId })}>
            {t("sources.alert")}
          </Link>
        ) : null}
      </div>
      <Figures
        figures={[
          [
            t("sources.last"),
            <span title={fullTime(lastAt)}>{t("sources.ago", { x: ago(lastAt, Date.now()) })}</span>,
          ],
          [t("sources.pause"), longestPauseSeconds > 0 ? duration(longestPauseSeconds) : "–"],
          [t("sources.first"), fullTime(firstAt)],
        ]}
      />
    </li>
  );
}

import type { EntityRisk } from "../../api/alert-types.ts";
import type { List } from "../../api/types.ts";
import { t, tCount } from "../../i18n/index.ts";
import { dayTime, whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf } from "../../state/address.ts";
import { Link } from "../../ui/link.tsx";
import { Empty } from "../../ui/state-box.tsx";
import { AlertPanel } from "../cases/alert-panel.tsx";

/** Who or what most alerts point at. */
export function Risks() {
  const answer = useQuery<List<EntityRisk>>("/risks?limit=100", { every: 15_000 });
  return (
    <AlertPanel title="nav.risks" answer={answer}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty icon="shield" title={t("risks.none")}>
            <p>{t("risks.noneHint")}</p>
          </Empty>
        ) : (
          <ol class="scores">
            {items.map((risk) => (
              <Row key={`${risk.tenantId} ${risk.entity}`} risk={risk} />
            ))}
          </ol>
        )
      }
    </AlertPanel>
  );
}

function Row({ risk: { entity, score, threshold, alerts, lastAt, rules } }: { risk: EntityRisk }) {
  const share = threshold > 0 ? Math.min(1, score / threshold) : 1;
  const over = score >= threshold;
  const points = t("risks.points", { x: whole(score), y: whole(threshold) });
  const address = entity.startsWith("ip:") ? entity.slice(3) : undefined;
  return (
    <li class="score">
      <div class="score-head">
        {address === undefined ? (
          <b>{entity}</b>
        ) : (
          <Link href={addressOf({ view: "address", q: address })}>
            <b>{entity}</b>
          </Link>
        )}
        {over ? <span class="advice advice-retire">{t("risks.over")}</span> : null}
        <span class="muted">{t("risks.last", { x: dayTime(lastAt) })}</span>
      </div>
      <div class="meter" aria-hidden="true">
        <span class={over ? "meter-over" : ""} style={{ width: `${Math.max(1, share * 100)}%` }} />
      </div>
      <p>
        {points} · {tCount("risks.alerts", alerts, whole(alerts))}
      </p>
      <p class="muted">{rules.join(", ")}</p>
    </li>
  );
}

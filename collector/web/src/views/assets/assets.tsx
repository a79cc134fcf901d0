import { useState } from "preact/hooks";
import type { AssetItem } from "../../api/plugin-types.ts";
import type { List } from "../../api/types.ts";
import { t, tCount, tValue } from "../../i18n/index.ts";
import { whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { go, statuses } from "../../state/address.ts";
import { Answered } from "../../ui/answered.tsx";
import { Choices } from "../../ui/choices.tsx";
import { Empty } from "../../ui/state-box.tsx";
import { AssetCard } from "./asset-card.tsx";

/** Cards drawn at once; more are drawn when asked for. */
const atOnce = 100;

/** Assets: the systems and programs that plugins report. */
export function Assets() {
  const answer = useQuery<List<AssetItem>>("/assets", { every: 30_000 });
  const { data } = answer;
  const [text, setText] = useState("");
  const [most, setMost] = useState(atOnce);
  const chosen = statuses.value;
  const found = (data?.items ?? []).filter(
    (asset) =>
      (chosen.length === 0 || chosen.includes(stateOf(asset))) && has(asset, text.trim().toLowerCase()),
  );
  return (
    <section class="panel panel-assets" aria-busy={answer.loading}>
      <h1 class="visually-hidden">{t("nav.assets")}</h1>
      <div class="choices">
        <Choices
          label={t("assets.state")}
          values={["active", "inactive"]}
          chosen={chosen}
          name={(value) => tValue("assetState", value)}
          onChoose={(status) => go({ status })}
        />
        <input
          class="input input-find"
          type="search"
          aria-label={t("assets.find")}
          placeholder={t("assets.find")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span class="muted said" role="status">
          {data ? tCount("assets.count", found.length, whole(found.length)) : ""}
        </span>
      </div>
      <Answered answer={answer}>
        {({ items }) =>
          found.length === 0 ? (
            <Empty icon="server" title={t(items.length === 0 ? "assets.none" : "assets.noMatch")}>
              {items.length === 0 ? <p>{t("assets.noneHint")}</p> : null}
            </Empty>
          ) : (
            <ul class="cards">
              {found.slice(0, most).map((asset) => (
                <AssetCard key={`${asset.plugin}/${asset.id}`} asset={asset} />
              ))}
            </ul>
          )
        }
      </Answered>
      {found.length > most ? (
        <button type="button" class="button more" onClick={() => setMost(most + atOnce)}>
          {t("assets.more", { x: whole(found.length - most) })}
        </button>
      ) : null}
    </section>
  );
}

const stateOf = ({ active }: AssetItem): string => (active ? "active" : "inactive");

/** True where a part of an asset that people know it by holds the text. */
function has(asset: AssetItem, text: string): boolean {
  if (text === "") return true;
  const known = [asset.name, asset.id, asset.plugin, asset.kind, ...asset.hostnames, ...asset.ips];
  return [...known, ...asset.apps.map(({ name }) => name)].some((each) => each.toLowerCase().includes(text));
}

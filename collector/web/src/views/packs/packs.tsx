import type { Pack } from "../../api/pack-types.ts";
import type { List } from "../../api/types.ts";
import { t, tCount } from "../../i18n/index.ts";
import { whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { useAction } from "../../shell/shortcuts.ts";
import { go, selected } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { BackToList } from "../../ui/back-to-list.tsx";
import { isRefused, Refusal } from "../../ui/form/refusal.tsx";
import { Empty, Failed } from "../../ui/state-box.tsx";
import { answerListKey } from "../answer-list-key.ts";
import { SectionTabs } from "../plugins/section-tabs.tsx";
import { InstallPack } from "./install-pack.tsx";
import { PackDetail } from "./pack-detail.tsx";
import { PackState } from "./pack-state.tsx";

/** The id of a pack that is being installed; no name begins like that. */
const fresh = "+";

/** Signed packs of rules: what is installed, and the one that is chosen. */
export function Packs() {
  const { data, problem, loading } = useQuery<List<Pack>>("/packs", { every: 30_000 });
  const items = data?.items ?? [];
  const id = selected.value;
  useAction((action) =>
    answerListKey(
      action,
      items.map(({ name }) => name),
    ),
  );
  return (
    <div class={id === "" ? "split" : "split split-open"}>
      <h1 class="visually-hidden">{t("nav.packs")}</h1>
      <section class="panel panel-list" aria-busy={loading}>
        <div class="choices choices-spread">
          <SectionTabs />
          <button
            type="button"
            class="button button-small"
            onClick={() => go({ id: fresh }, { replace: true })}
          >
            {t("packs.install")}
          </button>
        </div>
        {problem && isRefused(problem) ? (
          <Refusal problem={problem} onKey={refresh} />
        ) : problem && !data ? (
          <Failed problem={problem} />
        ) : data === undefined ? (
          <div class="skeleton" />
        ) : items.length === 0 ? (
          <Empty icon="shield" title={t("packs.none")}>
            <p>{t("packs.noneHint")}</p>
          </Empty>
        ) : (
          <ul class="list-rows">
            {items.map((item) => (
              <Row key={item.name} item={item} open={item.name === id} />
            ))}
          </ul>
        )}
      </section>
      <section class={id === "" ? "panel panel-detail panel-none" : "panel panel-detail"}>
        {id === "" ? (
          <Empty icon="shield" title={t("packs.choose")} />
        ) : (
          <>
            <BackToList />
            {id === fresh ? <InstallPack /> : <PackDetail key={id} name={id} />}
          </>
        )}
      </section>
    </div>
  );
}

const Row = ({ item, open }: { item: Pack; open: boolean }) => (
  <li>
    <button
      type="button"
      class={`list-row edge-${item.state === "broken" ? "bad" : "plain"}`}
      aria-current={open ? "true" : undefined}
      onClick={() => go({ id: open ? undefined : item.name }, { replace: true })}
    >
      <span class="list-first">
        <b>{item.name}</b>
        <span class="muted">{item.version ?? "–"}</span>
      </span>
      <span class="list-second">
        <PackState state={item.state} />
        {item.sequence === undefined ? null : (
          <span class="muted">{t("packs.sequence", { x: whole(item.sequence) })}</span>
        )}
        <span class="muted">{tCount("packs.rules", item.rules, whole(item.rules))}</span>
      </span>
    </button>
  </li>
);

import { conditions, type PluginItem, type PluginList } from "../../api/plugin-types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { useQuery } from "../../lib/use-query.ts";
import { useAction } from "../../shell/shortcuts.ts";
import { go, selected, statuses } from "../../state/address.ts";
import { language } from "../../state/preferences.ts";
import { Choices } from "../../ui/choices.tsx";
import { Empty, Failed } from "../../ui/state-box.tsx";
import { answerListKey } from "../answer-list-key.ts";
import { ConditionBadge } from "./condition.tsx";
import { ListTools } from "./list-tools.tsx";
import { PluginDetail } from "./plugin-detail.tsx";
import { SectionTabs } from "./section-tabs.tsx";

/** Plugins: all of this collector, those with trouble first, and what is known of the chosen one. */
export function Plugins() {
  const { data, problem, loading } = useQuery<PluginList>(`/plugins?lang=${language.value}`, {
    every: 10_000,
  });
  const chosen = statuses.value;
  const items = (data?.items ?? [])
    .filter(({ condition }) => chosen.length === 0 || chosen.includes(condition))
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  const id = selected.value;
  useAction((action) =>
    answerListKey(
      action,
      items.map((item) => item.id),
    ),
  );
  return (
    <div class={id === "" ? "split" : "split split-open"}>
      <h1 class="visually-hidden">{t("nav.plugins")}</h1>
      <section class="panel panel-list" aria-busy={loading}>
        <div class="choices choices-spread">
          <SectionTabs />
          <ListTools />
        </div>
        <div class="choices">
          <Choices
            label={t("plugins.condition")}
            values={conditions}
            chosen={chosen}
            name={(value) => tValue("condition", value)}
            onChoose={(status) => go({ status })}
          />
        </div>
        {problem && !data ? (
          <Failed problem={problem} />
        ) : data === undefined ? (
          <div class="skeleton" />
        ) : (
          <>
            <Broken broken={data.broken} />
            {items.length === 0 ? (
              <Empty icon="plug" title={t("plugins.none")} />
            ) : (
              <ul class="list-rows">
                {items.map((item) => (
                  <PluginRow key={item.id} item={item} open={item.id === id} />
                ))}
              </ul>
            )}
          </>
        )}
      </section>
      {id === "" ? (
        <section class="panel panel-detail panel-none">
          <Empty icon="plug" title={t("plugins.choose")} />
        </section>
      ) : (
        <PluginDetail key={id} id={id} />
      )}
    </div>
  );
}

const rank = ({ condition }: PluginItem): number => conditions.indexOf(condition);

const PluginRow = ({ item, open }: { item: PluginItem; open: boolean }) => (
  <li>
    <button
      type="button"
      class={`list-row edge-${item.condition === "error" ? "bad" : "plain"}`}
      aria-current={open ? "true" : undefined}
      onClick={() => go({ id: open ? undefined : item.id }, { replace: true })}
    >
      <span class="list-first">
        <b>{item.name}</b>
        <span class="muted">{item.version}</span>
      </span>
      <span class="list-second">
        <ConditionBadge value={item.condition} />
        <span class={item.condition === "error" ? "" : "muted"}>
          {item.condition === "error" || item.condition === "warning" ? item.message : item.description}
        </span>
      </span>
      <span class="list-second">
        {item.capabilities.map((name) => (
          <span key={name} class="tag">
            {tValue("capability", name)}
          </span>
        ))}
      </span>
    </button>
  </li>
);

/** What could not be loaded, where it is and why; the other plugins run. */
const Broken = ({ broken }: { broken: PluginList["broken"] }) =>
  broken.length === 0 ? null : (
    <section class="broken" aria-label={t("plugins.broken")}>
      <h2>{t("plugins.broken")}</h2>
      <ul>
        {broken.map(({ place, reason }) => (
          <li key={place}>
            <code>{place}</code>
            <p>{reason}</p>
          </li>
        ))}
      </ul>
    </section>
  );

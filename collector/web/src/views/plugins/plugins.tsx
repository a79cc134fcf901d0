import { conditions, type PluginList } from "../../api/plugin-types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { useQuery } from "../../lib/use-query.ts";
import { useAction } from "../../shell/shortcuts.ts";
import { go, selected, statuses } from "../../state/address.ts";
import { language } from "../../state/preferences.ts";
import { Choices } from "../../ui/choices.tsx";
import { Empty, Failed } from "../../ui/state-box.tsx";
import { answerListKey } from "../answer-list-key.ts";
import { ListTools } from "./list-tools.tsx";
import { PluginDetail } from "./plugin-detail.tsx";
import { PluginRow, rowsOf } from "./plugin-row.tsx";
import { ProgramDetail, programId } from "./program.tsx";
import { SectionTabs } from "./section-tabs.tsx";

/** Plugins: all of this collector, those with trouble first, and what is known of the chosen one. */
export function Plugins() {
  const { data, problem, loading } = useQuery<PluginList>(`/plugins?lang=${language.value}`, {
    every: 10_000,
  });
  const chosen = statuses.value;
  const rows = data
    ? rowsOf(data).filter((row) => chosen.length === 0 || chosen.includes(row.condition))
    : [];
  const id = selected.value;
  const program = data?.programs.find((each) => programId(each) === id);
  const ids = rows.map((row) => row.id);
  useAction((action) => answerListKey(action, ids));
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
            {rows.length === 0 ? (
              <Empty icon="plug" title={t("plugins.none")} />
            ) : (
              <ul class="list-rows">
                {rows.map((row) => (
                  <PluginRow key={row.id} row={row} open={row.id === id} />
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
      ) : program ? (
        <ProgramDetail program={program} />
      ) : (
        <PluginDetail key={id} id={id} />
      )}
    </div>
  );
}

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

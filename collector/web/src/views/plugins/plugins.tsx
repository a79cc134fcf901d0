import { conditions, type PluginList } from "../../api/plugin-types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { useQuery } from "../../lib/use-query.ts";
import { go, statuses } from "../../state/address.ts";
import { language } from "../../state/preferences.ts";
import { Choices } from "../../ui/choices.tsx";
import { ListDetail } from "../../ui/list-detail.tsx";
import { ListTools } from "./list-tools.tsx";
import { PluginDetail } from "./plugin-detail.tsx";
import { PluginRow, rowsOf } from "./plugin-row.tsx";
import { ProgramDetail, programId } from "./program.tsx";
import { SectionTabs } from "./section-tabs.tsx";

/** Plugins: all of this collector, those with trouble first, and what is known of the chosen one. */
export function Plugins() {
  const answer = useQuery<PluginList>(`/plugins?lang=${language.value}`, { every: 10_000 });
  const { data } = answer;
  const chosen = statuses.value;
  const rows = data
    ? rowsOf(data).filter((row) => chosen.length === 0 || chosen.includes(row.condition))
    : [];
  return (
    <ListDetail
      title={t("nav.plugins")}
      icon="plug"
      tools={
        <>
          <SectionTabs />
          <ListTools />
        </>
      }
      choices={
        <Choices
          label={t("plugins.condition")}
          values={conditions}
          chosen={chosen}
          name={(value) => tValue("condition", value)}
          onChoose={(status) => go({ status })}
        />
      }
      answer={answer}
      notice={data ? <Broken broken={data.broken} /> : null}
      items={rows}
      idOf={(row) => row.id}
      row={(row, open) => <PluginRow key={row.id} row={row} open={open} />}
      none={t("plugins.none")}
      choose={t("plugins.choose")}
      detail={(id) => {
        const program = data?.programs.find((each) => programId(each) === id);
        return program ? <ProgramDetail program={program} /> : <PluginDetail key={id} id={id} />;
      }}
    />
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

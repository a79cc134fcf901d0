import type { PluginDetail as Detail } from "../../api/plugin-types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { bytes, duration, whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf } from "../../state/address.ts";
import { language } from "../../state/preferences.ts";
import { ConditionBadge } from "../../ui/condition.tsx";
import { Link } from "../../ui/link.tsx";
import { AnsweredPane } from "../../ui/list-detail.tsx";
import { PluginPage } from "../widgets/widgets.tsx";
import { Diagnostics } from "./diagnostics.tsx";
import { Facts } from "./facts.tsx";
import { SettingsForm } from "./settings-form.tsx";

/** One plugin: how it does, its settings and what its parts did. */
export function PluginDetail({ id }: { id: string }) {
  const path = `/plugins/${encodeURIComponent(id)}?lang=${language.value}`;
  const answer = useQuery<Detail>(path, { every: 4_000 });
  return (
    <AnsweredPane answer={answer} label={answer.data?.name ?? id}>
      {(plugin) => <Body plugin={plugin} />}
    </AnsweredPane>
  );
}

function Body({ plugin }: { plugin: Detail }) {
  const isTroubled = plugin.condition === "error" || plugin.condition === "warning";
  return (
    <div class="detail-body">
      <header>
        <p>
          <ConditionBadge value={plugin.condition} />
          <span class="muted">
            <code>{plugin.id}</code> {plugin.version}
            {plugin.author === undefined ? "" : ` · ${plugin.author}`}
          </span>
        </p>
        <h2>{plugin.name}</h2>
        <p>{plugin.description}</p>
        <p>
          {plugin.capabilities.map((name) => (
            <span key={name} class="tag">
              {tValue("capability", name)}
            </span>
          ))}
        </p>
        <p class={isTroubled ? `message message-${plugin.condition}` : "message"} role="status">
          {plugin.message}
        </p>
      </header>
      {plugin.page ? <PluginPage plugin={plugin.id} {...plugin.page} /> : null}
      {plugin.settings.length === 0 ? null : (
        <section>
          <h3>{t("plugins.settings")}</h3>
          <SettingsForm plugin={plugin} />
        </section>
      )}
      <section>
        <h3>{t("plugins.diagnostics")}</h3>
        <Diagnostics components={plugin.components} />
        {plugin.thread === undefined ? null : <Thread thread={plugin.thread} />}
      </section>
      {plugin.views.length === 0 ? null : (
        <section>
          <h3>{t("plugins.views")}</h3>
          <ul class="links">
            {plugin.views.map((each) => (
              <li key={each.id}>
                <Link href={addressOf({ view: "events", q: each.query })}>{each.name}</Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      {plugin.guarantees === undefined ? null : (
        <section>
          <h3>{t("plugins.guarantees")}</h3>
          <p class="description">{plugin.guarantees}</p>
        </section>
      )}
    </div>
  );
}

/** The thread in which a plugin's hooks run. */
function Thread({ thread }: { thread: NonNullable<Detail["thread"]> }) {
  const { restarts, heapBytes, cpuSeconds } = thread;
  return (
    <>
      <p class="muted">{t("plugins.thread")}</p>
      <Facts
        facts={[
          [t("program.restarts"), whole(restarts)],
          [t("program.memory"), bytes(heapBytes)],
          [t("program.cpu"), duration(cpuSeconds)],
        ]}
      />
    </>
  );
}

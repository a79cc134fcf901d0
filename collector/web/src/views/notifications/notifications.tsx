import type { JsonSchema } from "../../api/connection-types.ts";
import type { Channel, NotificationRule } from "../../api/response-types.ts";
import type { List } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { useQuery } from "../../lib/use-query.ts";
import { useAction } from "../../shell/shortcuts.ts";
import { addressOf, go, selected } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { BackToList } from "../../ui/back-to-list.tsx";
import { isRefused, Refusal } from "../../ui/form/refusal.tsx";
import { Link } from "../../ui/link.tsx";
import { Empty, Failed } from "../../ui/state-box.tsx";
import { answerListKey } from "../answer-list-key.ts";
import { ResponseTabs } from "../response/response-tabs.tsx";
import { RuleDetail } from "./rule-detail.tsx";

/** The id of a rule that is being made; no name begins like that. */
const fresh = "+";

/** Who is told of what: the rules, and the chosen one to change. */
export function Notifications() {
  const list = useQuery<List<NotificationRule>>("/notifications/rules", { every: 15_000 });
  const schema = useQuery<JsonSchema>("/notifications/rule-schema");
  const channels = useQuery<List<Channel>>("/notifications/channels", { every: 15_000 });
  const items = list.data?.items ?? [];
  const problem = list.problem ?? schema.problem;
  const id = selected.value;
  const chosen = items.find(({ name }) => name === id);
  useAction((action) =>
    answerListKey(
      action,
      items.map(({ name }) => name),
    ),
  );
  return (
    <div class={id === "" ? "split" : "split split-open"}>
      <h1 class="visually-hidden">{t("nav.notifications")}</h1>
      <section class="panel panel-list" aria-busy={list.loading}>
        <div class="choices choices-spread">
          <ResponseTabs />
          {channels.data === undefined || channels.data.items.length === 0 ? null : (
            <button
              type="button"
              class="button button-small"
              onClick={() => go({ id: fresh }, { replace: true })}
            >
              {t("notes.new")}
            </button>
          )}
        </div>
        {problem && isRefused(problem) ? (
          <Refusal problem={problem} onKey={refresh} />
        ) : problem && !list.data ? (
          <Failed problem={problem} />
        ) : list.data === undefined ? (
          <div class="skeleton" />
        ) : items.length === 0 ? (
          <Empty icon="pulse" title={t("notes.none")}>
            <p>{t(channels.data?.items.length === 0 ? "notes.noChannels" : "notes.noneHint")}</p>
            {channels.data?.items.length === 0 ? (
              <p>
                <Link href={addressOf({ view: "connections" })}>{t("notes.toConnections")}</Link>
              </p>
            ) : null}
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
          <Empty icon="pulse" title={t("notes.choose")} />
        ) : (
          <>
            <BackToList />
            {schema.data === undefined || (id !== fresh && chosen === undefined) ? (
              <div class="skeleton" />
            ) : (
              <RuleDetail
                key={id}
                rule={chosen}
                schema={schema.data}
                channels={(channels.data?.items ?? []).map(({ name }) => name)}
              />
            )}
          </>
        )}
      </section>
    </div>
  );
}

const Row = ({ item, open }: { item: NotificationRule; open: boolean }) => {
  const {
    on = "alert",
    enabled = true,
    channels = [],
  } = item.settings as {
    on?: "alert" | "event" | "incident";
    enabled?: boolean;
    channels?: readonly string[];
  };
  return (
    <li>
      <button
        type="button"
        class={`list-row edge-${item.problem === undefined ? "plain" : "bad"}`}
        aria-current={open ? "true" : undefined}
        onClick={() => go({ id: open ? undefined : item.name }, { replace: true })}
      >
        <span class="list-first">
          <b>{item.name}</b>
          <span class="muted">{t(`notes.about.${on}`)}</span>
        </span>
        <span class="list-second">
          {enabled ? null : <span class="tag">{t("notes.off")}</span>}
          {channels.slice(0, 5).map((channel) => (
            <span key={channel} class="tag">
              {channel}
            </span>
          ))}
          {item.problem === undefined ? null : <span class="case-problem">{item.problem}</span>}
        </span>
      </button>
    </li>
  );
};

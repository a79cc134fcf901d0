import type { JsonSchema } from "../../api/connection-types.ts";
import type { Channel, NotificationRule } from "../../api/response-types.ts";
import type { List } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf } from "../../state/address.ts";
import { Link } from "../../ui/link.tsx";
import { DetailPane, fresh, ListDetail, ListRow, NewButton } from "../../ui/list-detail.tsx";
import { ResponseTabs } from "../response/response-tabs.tsx";
import { RuleDetail } from "./rule-detail.tsx";

/** Who is told of what: the rules, and the chosen one to change. */
export function Notifications() {
  const list = useQuery<List<NotificationRule>>("/notifications/rules", { every: 15_000 });
  const schema = useQuery<JsonSchema>("/notifications/rule-schema");
  const channels = useQuery<List<Channel>>("/notifications/channels", { every: 15_000 });
  const items = list.data?.items ?? [];
  const hasChannels = channels.data === undefined ? undefined : channels.data.items.length > 0;
  return (
    <ListDetail
      title={t("nav.notifications")}
      icon="pulse"
      tools={
        <>
          <ResponseTabs />
          {hasChannels ? <NewButton label={t("notes.new")} /> : null}
        </>
      }
      answer={{ ...list, problem: list.problem ?? schema.problem }}
      items={items}
      idOf={({ name }) => name}
      row={(item, open) => <Row key={item.name} item={item} open={open} />}
      none={t("notes.none")}
      noneHint={
        <>
          <p>{t(hasChannels === false ? "notes.noChannels" : "notes.noneHint")}</p>
          {hasChannels === false ? (
            <p>
              <Link href={addressOf({ view: "connections" })}>{t("notes.toConnections")}</Link>
            </p>
          ) : null}
        </>
      }
      choose={t("notes.choose")}
      detail={(id) => {
        const chosen = items.find(({ name }) => name === id);
        return (
          <DetailPane>
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
          </DetailPane>
        );
      }}
    />
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
    <ListRow id={item.name} open={open} edge={item.problem === undefined ? "plain" : "bad"}>
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
    </ListRow>
  );
};

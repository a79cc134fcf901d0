import type { Connection, ConnectionKind } from "../../api/connection-types.ts";
import type { List } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { useQuery } from "../../lib/use-query.ts";
import { ConditionBadge } from "../../ui/condition.tsx";
import { DetailPane, fresh, ListDetail, ListRow, NewButton } from "../../ui/list-detail.tsx";
import { SectionTabs } from "../plugins/section-tabs.tsx";
import { ConnectionDetail } from "./connection-detail.tsx";
import { NewConnection } from "./new-connection.tsx";

/** Connections: what plugins use to reach other systems, and the one that is chosen. */
export function Connections() {
  const list = useQuery<List<Connection>>("/connections", { every: 15_000 });
  const kinds = useQuery<List<ConnectionKind>>("/connection-types");
  const offered = kinds.data?.items ?? [];
  const kindOf = ({ plugin, kind }: Connection) =>
    offered.find((each) => each.plugin === plugin && each.kind === kind);
  return (
    <ListDetail
      title={t("nav.connections")}
      icon="plug"
      tools={
        <>
          <SectionTabs />
          {offered.length === 0 ? null : <NewButton label={t("connections.new")} />}
        </>
      }
      answer={{
        ...{ data: list.data && kinds.data, problem: list.problem ?? kinds.problem },
        loading: list.loading,
      }}
      items={list.data?.items ?? []}
      idOf={({ name }) => name}
      row={(item, open) => <Row key={item.name} item={item} title={kindOf(item)?.title} open={open} />}
      none={t("connections.none")}
      noneHint={<p>{t(offered.length === 0 ? "connections.noKinds" : "connections.noneHint")}</p>}
      choose={t("connections.choose")}
      detail={(id) => (
        <DetailPane>
          {kinds.data === undefined ? (
            <div class="skeleton" />
          ) : id === fresh ? (
            <NewConnection kinds={offered} />
          ) : (
            <ConnectionDetail key={id} name={id} kinds={offered} />
          )}
        </DetailPane>
      )}
    />
  );
}

interface RowProps {
  readonly item: Connection;
  /** Undefined where the plugin of the kind is not there. */
  readonly title: string | undefined;
  readonly open: boolean;
}

const Row = ({ item, title, open }: RowProps) => (
  <ListRow id={item.name} open={open} edge={item.test?.status === "error" ? "bad" : "plain"}>
    <span class="list-first">
      <b>{item.name}</b>
      <span class="muted">{item.plugin}</span>
    </span>
    <span class="list-second">
      {item.test ? (
        <ConditionBadge value={item.test.status} />
      ) : (
        <span class="muted">{t("connections.untested")}</span>
      )}
      <span class="muted">{title ?? t("connections.noKind", { x: item.kind })}</span>
    </span>
  </ListRow>
);

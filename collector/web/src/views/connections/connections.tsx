import type { Connection, ConnectionKind } from "../../api/connection-types.ts";
import type { List } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { useQuery } from "../../lib/use-query.ts";
import { useAction } from "../../shell/shortcuts.ts";
import { go, selected } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { BackToList } from "../../ui/back-to-list.tsx";
import { ConditionBadge } from "../../ui/condition.tsx";
import { isRefused, Refusal } from "../../ui/form/refusal.tsx";
import { Empty, Failed } from "../../ui/state-box.tsx";
import { answerListKey } from "../answer-list-key.ts";
import { SectionTabs } from "../plugins/section-tabs.tsx";
import { ConnectionDetail } from "./connection-detail.tsx";
import { NewConnection } from "./new-connection.tsx";

/** The id of a connection that is being made; no name begins like that. */
const fresh = "+";

/** Connections: what plugins use to reach other systems, and the one that is chosen. */
export function Connections() {
  const list = useQuery<List<Connection>>("/connections", { every: 15_000 });
  const kinds = useQuery<List<ConnectionKind>>("/connection-types");
  const problem = list.problem ?? kinds.problem;
  const items = list.data?.items ?? [];
  const offered = kinds.data?.items ?? [];
  const id = selected.value;
  useAction((action) =>
    answerListKey(
      action,
      items.map(({ name }) => name),
    ),
  );
  const kindOf = ({ plugin, kind }: Connection) =>
    offered.find((each) => each.plugin === plugin && each.kind === kind);
  return (
    <div class={id === "" ? "split" : "split split-open"}>
      <h1 class="visually-hidden">{t("nav.connections")}</h1>
      <section class="panel panel-list" aria-busy={list.loading}>
        <div class="choices choices-spread">
          <SectionTabs />
          {offered.length === 0 ? null : (
            <button
              type="button"
              class="button button-small"
              onClick={() => go({ id: fresh }, { replace: true })}
            >
              {t("connections.new")}
            </button>
          )}
        </div>
        {problem && isRefused(problem) ? (
          <Refusal problem={problem} onKey={refresh} />
        ) : problem && !(list.data && kinds.data) ? (
          <Failed problem={problem} />
        ) : list.data === undefined || kinds.data === undefined ? (
          <div class="skeleton" />
        ) : items.length === 0 ? (
          <Empty icon="plug" title={t("connections.none")}>
            <p>{t(offered.length === 0 ? "connections.noKinds" : "connections.noneHint")}</p>
          </Empty>
        ) : (
          <ul class="list-rows">
            {items.map((item) => (
              <Row key={item.name} item={item} title={kindOf(item)?.title} open={item.name === id} />
            ))}
          </ul>
        )}
      </section>
      <section class={id === "" ? "panel panel-detail panel-none" : "panel panel-detail"}>
        {id === "" ? (
          <Empty icon="plug" title={t("connections.choose")} />
        ) : (
          <>
            <BackToList />
            {kinds.data === undefined ? (
              <div class="skeleton" />
            ) : id === fresh ? (
              <NewConnection kinds={offered} />
            ) : (
              <ConnectionDetail key={id} name={id} kinds={offered} />
            )}
          </>
        )}
      </section>
    </div>
  );
}

interface RowProps {
  readonly item: Connection;
  /** Undefined where the plugin of the kind is not there. */
  readonly title: string | undefined;
  readonly open: boolean;
}

const Row = ({ item, title, open }: RowProps) => (
  <li>
    <button
      type="button"
      class={`list-row edge-${item.test?.status === "error" ? "bad" : "plain"}`}
      aria-current={open ? "true" : undefined}
      onClick={() => go({ id: open ? undefined : item.name }, { replace: true })}
    >
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
    </button>
  </li>
);

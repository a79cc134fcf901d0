import type { ComponentChildren } from "preact";
import type { List } from "../../api/types.ts";
import { severities } from "../../api/types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { useQuery } from "../../lib/use-query.ts";
import { useAction } from "../../shell/shortcuts.ts";
import { alertSeverities, from, go, hiddenOnly, selected, statuses, to } from "../../state/address.ts";
import { Choices } from "../../ui/choices.tsx";
import { Empty, Failed } from "../../ui/state-box.tsx";
import { knownStatuses } from "../alerts/status-badge.tsx";
import { answerListKey } from "../answer-list-key.ts";
import { AlertTabs } from "./alert-tabs.tsx";

interface CaseListProps<Item> {
  /** What the list is called, and its address in the API. */
  readonly kind: "alerts" | "incidents";
  /** Whether hidden ones may be asked for. */
  readonly canHide?: boolean;
  readonly idOf: (item: Item) => string;
  readonly row: (item: Item, open: boolean) => ComponentChildren;
  /** What is known of the chosen one. */
  readonly detail: (id: string) => ComponentChildren;
}

/** Alerts or incidents of a time by status and severity, and the chosen one beside them. */
export function CaseList<Item>({ kind, canHide = false, idOf, row, detail }: CaseListProps<Item>) {
  const params = new URLSearchParams({ from: from.value, to: to.value, limit: "200" });
  for (const status of statuses.value) params.append("status", status);
  for (const severity of alertSeverities.value) params.append("severity", severity);
  if (canHide && hiddenOnly.value) params.set("hidden", "only");
  const { data, problem, loading } = useQuery<List<Item>>(`/${kind}?${params.toString()}`, { every: 10_000 });
  const items = data?.items ?? [];
  const id = selected.value;
  useAction((action) => answerListKey(action, items.map(idOf)));
  return (
    <div class={id === "" ? "split" : "split split-open"}>
      <h1 class="visually-hidden">{t(`nav.${kind}`)}</h1>
      <section class="panel panel-list" aria-busy={loading}>
        <div class="choices choices-spread">
          <AlertTabs />
        </div>
        <div class="choices">
          <Choices
            label={t("alerts.status")}
            values={knownStatuses}
            chosen={statuses.value}
            name={(value) => tValue("status", value)}
            onChoose={(status) => go({ status, id: undefined })}
          />
          <Choices
            label={t("alerts.severity")}
            values={severities.slice(1)}
            chosen={alertSeverities.value}
            name={(value) => tValue("severity", value)}
            onChoose={(severity) => go({ severity, id: undefined })}
          />
          {canHide ? <HiddenChoice /> : null}
        </div>
        {problem && !data ? (
          <Failed problem={problem} />
        ) : data === undefined ? (
          <div class="skeleton" />
        ) : items.length === 0 ? (
          <Empty icon="shield" title={t(`${kind}.none`)}>
            <p>{t(`${kind}.noneHint`)}</p>
          </Empty>
        ) : (
          <ul class="list-rows">{items.map((item) => row(item, idOf(item) === id))}</ul>
        )}
      </section>
      {id === "" ? (
        <section class="panel panel-detail panel-none">
          <Empty icon="shield" title={t(`${kind}.choose`)} />
        </section>
      ) : (
        detail(id)
      )}
    </div>
  );
}

const HiddenChoice = () => (
  <label class="case-check">
    <input
      type="checkbox"
      checked={hiddenOnly.value}
      onChange={(event) => go({ hidden: event.currentTarget.checked ? "only" : undefined, id: undefined })}
    />
    {t("alerts.hiddenShow")}
  </label>
);

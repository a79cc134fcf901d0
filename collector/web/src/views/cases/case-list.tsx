import type { ComponentChildren } from "preact";
import type { List } from "../../api/types.ts";
import { severities } from "../../api/types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { useQuery } from "../../lib/use-query.ts";
import { alertSeverities, from, go, hiddenOnly, statuses, to } from "../../state/address.ts";
import { Choices } from "../../ui/choices.tsx";
import { ListDetail } from "../../ui/list-detail.tsx";
import { knownStatuses } from "../alerts/status-badge.tsx";
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
  const answer = useQuery<List<Item>>(`/${kind}?${params.toString()}`, { every: 10_000 });
  const choices = (
    <>
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
    </>
  );
  return (
    <ListDetail
      title={t(`nav.${kind}`)}
      icon="shield"
      tools={<AlertTabs />}
      choices={choices}
      answer={answer}
      items={answer.data?.items ?? []}
      none={t(`${kind}.none`)}
      noneHint={<p>{t(`${kind}.noneHint`)}</p>}
      choose={t(`${kind}.choose`)}
      {...{ idOf, row, detail }}
    />
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

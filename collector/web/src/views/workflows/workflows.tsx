import type { WholeWorkflow, Workflow } from "../../api/response-types.ts";
import type { List } from "../../api/types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { duration } from "../../lib/format.ts";
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
import { WorkflowEditor } from "./editor.tsx";
import { RunForm } from "./run-form.tsx";

/** The id of a workflow that is being written; no id looks like that. */
const fresh = "+";

/** Workflows: what starts each, what it does, and a way to run it. */
export function Workflows() {
  const { data, problem, loading } = useQuery<List<Workflow>>("/workflows", { every: 15_000 });
  const items = data?.items ?? [];
  const id = selected.value;
  useAction((action) =>
    answerListKey(
      action,
      items.map((each) => each.id),
    ),
  );
  return (
    <div class={id === "" ? "split" : "split split-open"}>
      <h1 class="visually-hidden">{t("nav.workflows")}</h1>
      <section class="panel panel-list" aria-busy={loading}>
        <div class="choices choices-spread">
          <ResponseTabs />
          <button
            type="button"
            class="button button-small"
            onClick={() => go({ id: fresh }, { replace: true })}
          >
            {t("workflows.new")}
          </button>
        </div>
        {problem && isRefused(problem) ? (
          <Refusal problem={problem} onKey={refresh} />
        ) : problem && !data ? (
          <Failed problem={problem} />
        ) : data === undefined ? (
          <div class="skeleton" />
        ) : items.length === 0 ? (
          <Empty icon="play" title={t("workflows.none")}>
            <p>{t("workflows.noneHint")}</p>
          </Empty>
        ) : (
          <ul class="list-rows">
            {items.map((item) => (
              <Row key={item.id} item={item} open={item.id === id} />
            ))}
          </ul>
        )}
      </section>
      {id === "" ? (
        <section class="panel panel-detail panel-none">
          <Empty icon="play" title={t("workflows.choose")} />
        </section>
      ) : id === fresh ? (
        <section class="panel panel-detail">
          <BackToList />
          <div class="detail-body">
            <header>
              <h2>{t("workflows.new")}</h2>
            </header>
            <WorkflowEditor workflow={undefined} />
          </div>
        </section>
      ) : (
        <Detail key={id} id={id} />
      )}
    </div>
  );
}

const Row = ({ item, open }: { item: Workflow; open: boolean }) => (
  <li>
    <button
      type="button"
      class={`list-row edge-${item.problems.some(({ severity }) => severity === "error") ? "bad" : "plain"}`}
      aria-current={open ? "true" : undefined}
      onClick={() => go({ id: open ? undefined : item.id }, { replace: true })}
    >
      <span class="list-first">
        <b>{item.name}</b>
        <span class="muted">{item.id}</span>
      </span>
      <span class="list-second">
        {item.active ? null : <span class="tag">{t("workflows.isDraft")}</span>}
        {item.triggers.map((trigger) => (
          <span key={trigger} class="tag">
            {tValue("trigger", trigger)}
          </span>
        ))}
        {item.timeSavedSeconds === 0 ? null : (
          <span class="muted">{t("workflows.saved", { x: duration(item.timeSavedSeconds) })}</span>
        )}
      </span>
    </button>
  </li>
);

function Detail({ id }: { id: string }) {
  const { data, problem } = useQuery<WholeWorkflow>(`/workflows/${encodeURIComponent(id)}`);
  const item = data?.id === id ? data : undefined;
  return (
    <section class="panel panel-detail" aria-busy={!item}>
      <BackToList />
      {item ? <Body item={item} /> : problem ? <Failed problem={problem} /> : <div class="skeleton" />}
    </section>
  );
}

const Body = ({ item }: { item: WholeWorkflow }) => (
  <div class="detail-body">
    <header>
      <p>
        {item.triggers.map((trigger) => (
          <span key={trigger} class="tag">
            {tValue("trigger", trigger)}
          </span>
        ))}
        {item.active ? null : <span class="tag">{t("workflows.isDraft")}</span>}
        {item.snippet ? <span class="tag">{t("workflows.snippet")}</span> : null}
      </p>
      <h2>{item.name}</h2>
      {item.description === "" ? null : <p class="description">{item.description}</p>}
      <p>
        <Link href={addressOf({ view: "jobs", q: item.id })}>{t("workflows.jobs")}</Link>
      </p>
    </header>
    {item.active && item.triggers.length > 0 ? <RunForm workflow={item} /> : null}
    {item.source === "database" ? (
      <WorkflowEditor key={item.version} workflow={item} />
    ) : (
      <section>
        <h3>{t("workflows.definition")}</h3>
        <pre class="job-json">{item.yaml}</pre>
      </section>
    )}
  </div>
);

import type { WholeWorkflow, Workflow } from "../../api/response-types.ts";
import type { List } from "../../api/types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { duration } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf } from "../../state/address.ts";
import { Link } from "../../ui/link.tsx";
import { AnsweredPane, DetailPane, fresh, ListDetail, ListRow, NewButton } from "../../ui/list-detail.tsx";
import { ResponseTabs } from "../response/response-tabs.tsx";
import { WorkflowEditor } from "./editor.tsx";
import { RunForm } from "./run-form.tsx";

/** Workflows: what starts each, what it does, and a way to run it. */
export function Workflows() {
  const answer = useQuery<List<Workflow>>("/workflows", { every: 15_000 });
  return (
    <ListDetail
      title={t("nav.workflows")}
      icon="play"
      tools={
        <>
          <ResponseTabs />
          <NewButton label={t("workflows.new")} />
        </>
      }
      answer={answer}
      items={answer.data?.items ?? []}
      idOf={(item) => item.id}
      row={(item, open) => <Row key={item.id} item={item} open={open} />}
      none={t("workflows.none")}
      noneHint={<p>{t("workflows.noneHint")}</p>}
      choose={t("workflows.choose")}
      detail={(id) => (id === fresh ? <NewWorkflow /> : <Detail key={id} id={id} />)}
    />
  );
}

const Row = ({ item, open }: { item: Workflow; open: boolean }) => (
  <ListRow
    id={item.id}
    open={open}
    edge={item.problems.some(({ severity }) => severity === "error") ? "bad" : "plain"}
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
  </ListRow>
);

const NewWorkflow = () => (
  <DetailPane>
    <div class="detail-body">
      <header>
        <h2>{t("workflows.new")}</h2>
      </header>
      <WorkflowEditor workflow={undefined} />
    </div>
  </DetailPane>
);

function Detail({ id }: { id: string }) {
  const { data, problem } = useQuery<WholeWorkflow>(`/workflows/${encodeURIComponent(id)}`);
  return (
    <AnsweredPane answer={{ data: data?.id === id ? data : undefined, problem }}>
      {(item) => <Body item={item} />}
    </AnsweredPane>
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

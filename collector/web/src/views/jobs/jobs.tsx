import { type Job, jobStatuses } from "../../api/response-types.ts";
import type { List } from "../../api/types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { dayTime } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { useAction } from "../../shell/shortcuts.ts";
import { go, query, selected, statuses } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { Choices } from "../../ui/choices.tsx";
import { isRefused, Refusal } from "../../ui/form/refusal.tsx";
import { Empty, Failed } from "../../ui/state-box.tsx";
import { answerListKey } from "../answer-list-key.ts";
import { ResponseTabs } from "../response/response-tabs.tsx";
import { JobDetail } from "./job-detail.tsx";
import { JobStatusBadge } from "./job-status.tsx";

/** Jobs of workflows, the newest first, and the chosen one with its steps. `q` is the workflow that they are of. */
export function Jobs() {
  const [status] = statuses.value;
  const params = new URLSearchParams({ limit: "200" });
  if (status !== undefined) params.set("status", status);
  if (query.value !== "") params.set("workflow", query.value);
  const { data, problem, loading } = useQuery<List<Job>>(`/jobs?${params.toString()}`, { every: 5_000 });
  const items = data?.items ?? [];
  const id = selected.value;
  useAction((action) =>
    answerListKey(
      action,
      items.map((job) => job.id),
    ),
  );
  return (
    <div class={id === "" ? "split" : "split split-open"}>
      <h1 class="visually-hidden">{t("nav.jobs")}</h1>
      <section class="panel panel-list" aria-busy={loading}>
        <div class="choices choices-spread">
          <ResponseTabs />
        </div>
        <div class="choices">
          <Choices
            label={t("jobs.status")}
            values={jobStatuses}
            chosen={status === undefined ? [] : [status]}
            name={(value) => tValue("job", value)}
            onChoose={(chosen) => go({ status: chosen.slice(-1), id: undefined })}
          />
          {query.value === "" ? null : (
            <button type="button" class="tag" onClick={() => go({ q: undefined, id: undefined })}>
              {query.value} ×
            </button>
          )}
        </div>
        {problem && isRefused(problem) ? (
          <Refusal problem={problem} onKey={refresh} />
        ) : problem && !data ? (
          <Failed problem={problem} />
        ) : data === undefined ? (
          <div class="skeleton" />
        ) : items.length === 0 ? (
          <Empty icon="play" title={t("jobs.none")}>
            <p>{t("jobs.noneHint")}</p>
          </Empty>
        ) : (
          <ul class="list-rows">
            {items.map((job) => (
              <Row key={job.id} job={job} open={job.id === id} />
            ))}
          </ul>
        )}
      </section>
      {id === "" ? (
        <section class="panel panel-detail panel-none">
          <Empty icon="play" title={t("jobs.choose")} />
        </section>
      ) : (
        <JobDetail key={id} id={id} />
      )}
    </div>
  );
}

const Row = ({ job, open }: { job: Job; open: boolean }) => (
  <li>
    <button
      type="button"
      class={`list-row edge-${job.status === "failed" || job.status === "uncertain" ? "bad" : "plain"}`}
      aria-current={open ? "true" : undefined}
      onClick={() => go({ id: open ? undefined : job.id }, { replace: true })}
    >
      <span class="list-first">
        <b>{job.workflow}</b>
        <time class="muted" dateTime={job.createdAt}>
          {dayTime(job.createdAt)}
        </time>
      </span>
      <span class="list-second">
        <JobStatusBadge value={job.status} />
        <span class="muted">{job.startedBy}</span>
        {job.dryRun ? <span class="tag">{t("jobs.dry")}</span> : null}
      </span>
    </button>
  </li>
);

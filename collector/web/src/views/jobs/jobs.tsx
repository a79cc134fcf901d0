import { type Job, jobStatuses } from "../../api/response-types.ts";
import type { List } from "../../api/types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { dayTime } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { go, query, statuses } from "../../state/address.ts";
import { Choices } from "../../ui/choices.tsx";
import { ListDetail, ListRow } from "../../ui/list-detail.tsx";
import { ResponseTabs } from "../response/response-tabs.tsx";
import { JobDetail } from "./job-detail.tsx";
import { JobStatusBadge } from "./job-status.tsx";

/** Jobs of workflows, the newest first, and the chosen one with its steps. `q` is the workflow that they are of. */
export function Jobs() {
  const [status] = statuses.value;
  const params = new URLSearchParams({ limit: "200" });
  if (status !== undefined) params.set("status", status);
  if (query.value !== "") params.set("workflow", query.value);
  const answer = useQuery<List<Job>>(`/jobs?${params.toString()}`, { every: 5_000 });
  const choices = (
    <>
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
    </>
  );
  return (
    <ListDetail
      title={t("nav.jobs")}
      icon="play"
      tools={<ResponseTabs />}
      choices={choices}
      answer={answer}
      items={answer.data?.items ?? []}
      idOf={(job) => job.id}
      row={(job, open) => <Row key={job.id} job={job} open={open} />}
      none={t("jobs.none")}
      noneHint={<p>{t("jobs.noneHint")}</p>}
      choose={t("jobs.choose")}
      detail={(id) => <JobDetail key={id} id={id} />}
    />
  );
}

const Row = ({ job, open }: { job: Job; open: boolean }) => (
  <ListRow
    id={job.id}
    open={open}
    edge={job.status === "failed" || job.status === "uncertain" ? "bad" : "plain"}
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
  </ListRow>
);

import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import type { ApiProblem } from "../../api/problem.ts";
import type { WholeJob } from "../../api/response-types.ts";
import { t } from "../../i18n/index.ts";
import { fullTime } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf, go } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { Confirm } from "../../ui/dialog.tsx";
import { Link } from "../../ui/link.tsx";
import { AnsweredPane } from "../../ui/list-detail.tsx";
import { Outcome } from "../../ui/outcome.tsx";
import { JobStatusBadge } from "./job-status.tsx";
import { JobSteps, Json } from "./job-steps.tsx";
import { Questions } from "./questions.tsx";

/** One job: what started it, what it asks, what each step was given and gave. */
export function JobDetail({ id }: { id: string }) {
  const { data, problem } = useQuery<WholeJob>(`/jobs/${encodeURIComponent(id)}`, { every: 3_000 });
  return (
    <AnsweredPane answer={{ data: data?.id === id ? data : undefined, problem }}>
      {(job) => <Body job={job} />}
    </AnsweredPane>
  );
}

function Body({ job }: { job: WholeJob }) {
  const [problem, setProblem] = useState<ApiProblem>();
  /** Asks for a change of the job; a new job that comes of it is shown. */
  const act = async (what: string, body: object): Promise<void> => {
    try {
      const made = await send<{ job?: string } | undefined>(`/jobs/${encodeURIComponent(job.id)}/${what}`, {
        ...{ method: "POST", body },
      });
      setProblem(undefined);
      refresh();
      if (made?.job !== undefined) go({ id: made.job });
    } catch (refused) {
      setProblem(refused as ApiProblem);
    }
  };
  const facts: [string, string | undefined][] = [
    [t("jobs.started"), job.startedBy],
    [t("jobs.at"), fullTime(job.createdAt)],
    [t("jobs.began"), job.startedAt && fullTime(job.startedAt)],
    [t("jobs.ended"), job.endedAt && fullTime(job.endedAt)],
    [t("jobs.goesOn"), job.status === "waiting" ? job.wakeAt && fullTime(job.wakeAt) : undefined],
    [t("jobs.error"), job.error],
  ];
  return (
    <div class="detail-body">
      <header>
        <p>
          <JobStatusBadge value={job.status} />
          {job.dryRun ? <span class="tag">{t("jobs.dry")}</span> : null}
        </p>
        <h2>{job.workflow}</h2>
        <p class="links-inline">
          <Link href={addressOf({ view: "workflows", id: job.workflow })}>{t("jobs.workflow")}</Link>
          {job.rerunOf === undefined ? null : (
            <Link href={addressOf({ view: "jobs", id: job.rerunOf })}>{t("jobs.again")} …</Link>
          )}
        </p>
      </header>
      <Questions job={job} onAnswer={(step, answer) => act("answer", { step, answer })} />
      <Changes job={job} act={act} />
      <Outcome problem={problem} onKey={() => setProblem(undefined)} />
      <dl class="facts">
        {facts.map(([name, value]) =>
          value === undefined || value === "" ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      <section>
        <h3>{t("jobs.steps")}</h3>
        <JobSteps job={job} act={act} />
      </section>
      <Json name={t("jobs.trigger")} value={job.input} />
    </div>
  );
}

interface ChangesProps {
  readonly job: WholeJob;
  readonly act: (what: string, body: object) => Promise<void>;
}

/** Cancels what is under way; runs what is over again. */
function Changes({ job, act }: ChangesProps) {
  const [asking, setAsking] = useState(false);
  const isOpen = job.status === "queued" || job.status === "running" || job.status === "waiting";
  const what = isOpen ? "cancel" : "rerun";
  return (
    <div class="actions">
      <button
        type="button"
        class={isOpen ? "button button-harm" : "button"}
        onClick={() => (job.dryRun && !isOpen ? void act("rerun", {}) : setAsking(true))}
      >
        {t(`jobs.${what}`)}
      </button>
      {asking ? (
        <Confirm
          title={t(`jobs.${what}Title`)}
          text={t(`jobs.${what}Text`)}
          stay={t(isOpen ? "jobs.keep" : "jobs.not")}
          act={t(`jobs.${what}`)}
          onStay={() => setAsking(false)}
          onAct={() => {
            setAsking(false);
            void act(what, {});
          }}
        />
      ) : null}
    </div>
  );
}

import { useState } from "preact/hooks";
import type { ActionRun } from "../../api/action-types.ts";
import { send } from "../../api/client.ts";
import type { ApiProblem } from "../../api/problem.ts";
import type { List } from "../../api/types.ts";
import { t, tCount, tValue } from "../../i18n/index.ts";
import { dayTime } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { Answered } from "../../ui/answered.tsx";
import { Link } from "../../ui/link.tsx";
import { Outcome } from "../../ui/outcome.tsx";
import { ReasonDialog } from "../../ui/reason-dialog.tsx";
import { Empty } from "../../ui/state-box.tsx";
import { type Tone, ToneBadge } from "../../ui/tone-badge.tsx";

const tones: Readonly<Record<string, Tone>> = {
  ...{ approval: "warn", queued: "off", begun: "warn", standing: "good", lifting: "warn" },
  ...{ done: "good", lifted: "off", dry: "off", refused: "off", denied: "off", timed_out: "off" },
  ...{ cancelled: "off", failed: "bad", uncertain: "bad" },
};

/** Containments that stand, and what waits for people to agree. */
export function Standing() {
  const approvals = useQuery<List<ActionRun>>("/actions/approvals?limit=100", { every: 5_000 });
  const standing = useQuery<List<ActionRun>>("/actions/containments?limit=500", { every: 5_000 });
  const waiting = approvals.data?.items ?? [];
  return (
    <>
      {waiting.length === 0 ? null : (
        <>
          <h2 class="part-title">{t("actions.waiting")}</h2>
          <ul class="controls">
            {waiting.map((run) => (
              <Run key={run.id} run={run}>
                <Decide run={run} />
              </Run>
            ))}
          </ul>
        </>
      )}
      <h2 class="part-title">{t("actions.standing")}</h2>
      <Runs answer={standing} none="actions.noneStanding" hint="actions.noneStandingHint" />
    </>
  );
}

/** Everything that was asked for, the newest first. */
export function History() {
  const answer = useQuery<List<ActionRun>>("/actions/runs?limit=200", { every: 5_000 });
  return <Runs answer={answer} none="actions.noneAsked" hint="actions.noneStandingHint" />;
}

interface RunsProps {
  readonly answer: ReturnType<typeof useQuery<List<ActionRun>>>;
  readonly none: "actions.noneStanding" | "actions.noneAsked";
  readonly hint: "actions.noneStandingHint";
}

const Runs = ({ answer, none, hint }: RunsProps) => (
  <Answered answer={answer}>
    {({ items }) =>
      items.length === 0 ? (
        <Empty icon="shield" title={t(none)}>
          <p>{t(hint)}</p>
        </Empty>
      ) : (
        <ul class="controls">
          {items.map((run) => (
            <Run key={run.id} run={run}>
              {run.state === "standing" ? <Lift run={run} /> : null}
            </Run>
          ))}
        </ul>
      )
    }
  </Answered>
);

const isAddress = (type: string): boolean => type === "ip" || type === "cidr";

const Run = ({ run, children }: { run: ActionRun; children: preact.ComponentChildren }) => (
  <li class="control">
    <p class="job-step-first">
      <ToneBadge tone={tones[run.state] ?? "off"} text={tValue("run", run.state)} />
      <b>
        {isAddress(run.target.type) ? (
          <Link href={addressOf({ view: "address", q: run.target.value })}>{run.target.value}</Link>
        ) : (
          run.target.value
        )}
      </b>
      <span class="muted">{run.action}</span>
      {run.dryRun && run.state !== "dry" ? <span class="tag">{t("actions.dryMark")}</span> : null}
      {run.uncertain ? <span class="case-problem">{t("actions.uncertain")}</span> : null}
      <time class="muted" dateTime={run.createdAt}>
        {dayTime(run.createdAt)}
      </time>
    </p>
    <p class="muted">
      {[
        run.actor,
        run.reason,
        run.expiresAt && run.endedAt === undefined
          ? t("actions.until", { x: dayTime(run.expiresAt) })
          : undefined,
        run.liftedBy && t("actions.liftedBy", { x: `${run.liftedBy} (${run.liftReason ?? ""})` }),
      ]
        .filter(Boolean)
        .join(" · ")}
    </p>
    {run.outcome === "" ? null : (
      <p class={run.state === "failed" || run.state === "uncertain" ? "case-problem" : "muted"}>
        {run.outcome}
      </p>
    )}
    {children}
  </li>
);

function Lift({ run }: { run: ActionRun }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button type="button" class="button button-small" onClick={() => setAsking(true)}>
        {t("actions.lift")}
      </button>
      {asking ? (
        <ReasonDialog
          title={t("actions.liftTitle", { x: run.target.value })}
          text={t("actions.liftText")}
          act={t("actions.lift")}
          request={(reason) => ({
            ...{ path: `/actions/runs/${encodeURIComponent(run.id)}/lift`, method: "POST", body: { reason } },
          })}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}

function Decide({ run }: { run: ActionRun }) {
  const [comment, setComment] = useState("");
  const [problem, setProblem] = useState<ApiProblem>();
  const decide = async (decision: "approve" | "deny"): Promise<void> => {
    try {
      await send(`/actions/runs/${encodeURIComponent(run.id)}/${decision}`, {
        method: "POST",
        body: { comment: comment.trim() },
      });
      setProblem(undefined);
      refresh();
    } catch (refused) {
      setProblem(refused as ApiProblem);
    }
  };
  return (
    <>
      <p class="muted">
        {tCount("actions.needs", run.approvalsNeeded, String(run.approvalsNeeded))}
        {run.approvalUntil === undefined ? "" : ` · ${t("actions.until", { x: dayTime(run.approvalUntil) })}`}
      </p>
      <div class="case-buttons">
        <input
          class="input"
          aria-label={t("actions.reason")}
          placeholder={t("actions.reason")}
          maxLength={500}
          value={comment}
          onInput={(event) => setComment(event.currentTarget.value)}
        />
        {(["approve", "deny"] as const).map((decision) => (
          <button
            key={decision}
            type="button"
            class="button button-small"
            onClick={() => void decide(decision)}
          >
            {t(`actions.${decision}`)}
          </button>
        ))}
      </div>
      <Outcome problem={problem} onKey={() => setProblem(undefined)} />
    </>
  );
}

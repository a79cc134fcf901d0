import { useState } from "preact/hooks";
import type { CaseState, HistoryEntry } from "../../api/alert-types.ts";
import { send } from "../../api/client.ts";
import type { ApiProblem } from "../../api/problem.ts";
import type { List } from "../../api/types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { fullTime } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { refresh } from "../../state/refresh.ts";
import { isRefused, Refusal } from "../../ui/form/refusal.tsx";

interface CasePanelProps {
  readonly kind: "alert" | "incident";
  readonly id: string;
  readonly state: CaseState;
}

/** What is done about an alert or an incident, and what was done so far. */
export function CasePanel({ kind, id, state: read }: CasePanelProps) {
  const path = `/${kind}s/${encodeURIComponent(id)}`;
  const history = useQuery<List<HistoryEntry>>(`${path}/history`);
  const [comment, setComment] = useState("");
  const [assignee, setAssignee] = useState<string>();
  const [withAlerts, setWithAlerts] = useState(true);
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);
  const [changed, setChanged] = useState<CaseState>();
  // What the last change made of it counts at once: until it was read again, the next one would meet it as somebody else's.
  const state = changed !== undefined && changed.version > read.version ? changed : read;
  const change = async (what: object): Promise<void> => {
    if (busy) return;
    setBusy(true);
    const said = comment.trim() === "" ? {} : { comment: comment.trim() };
    const also = kind === "incident" && "status" in what ? { withAlerts } : {};
    try {
      const body = { version: state.version, ...what, ...said, ...also };
      setChanged(await send<CaseState>(path, { method: "PATCH", body }));
      setComment("");
      setAssignee(undefined);
      setProblem(undefined);
    } catch (refused) {
      setProblem(refused as ApiProblem);
    }
    setBusy(false);
    refresh();
  };
  const typed = assignee ?? state.assignee;
  return (
    <section class="case" aria-busy={busy}>
      <h3>{t("cases.todo")}</h3>
      <div class="case-buttons">
        {state.status === "open" ? (
          <Act label={t("cases.acknowledge")} onAct={() => change({ status: "acknowledged" })} main />
        ) : null}
        {state.status === "closed" ? (
          <Act label={t("cases.reopen")} onAct={() => change({ status: "open" })} />
        ) : (
          <>
            <Act
              label={t("cases.closeTrue")}
              onAct={() => change({ status: "closed", verdict: "true_positive" })}
            />
            <Act
              label={t("cases.closeFalse")}
              onAct={() => change({ status: "closed", verdict: "false_positive" })}
            />
          </>
        )}
        {kind === "incident" ? (
          <label class="case-check">
            <input
              type="checkbox"
              checked={withAlerts}
              onChange={(event) => setWithAlerts(event.currentTarget.checked)}
            />
            {t("cases.withAlerts")}
          </label>
        ) : null}
      </div>
      <form
        class="case-form"
        onSubmit={(event) => {
          event.preventDefault();
          const assigned = typed.trim() === state.assignee ? {} : { assignee: typed.trim() };
          if (comment.trim() !== "" || "assignee" in assigned) void change(assigned);
        }}
      >
        <label>
          {t("cases.assignee")}
          <input
            class="input"
            maxLength={100}
            value={typed}
            placeholder={t("cases.nobody")}
            onInput={(event) => setAssignee(event.currentTarget.value)}
          />
        </label>
        <label class="case-comment">
          {t("cases.comment")}
          <textarea
            class="input"
            rows={2}
            maxLength={4000}
            value={comment}
            onInput={(event) => setComment(event.currentTarget.value)}
          />
        </label>
        <button
          type="submit"
          class="button"
          disabled={busy || (comment.trim() === "" && typed.trim() === state.assignee)}
        >
          {t("cases.note")}
        </button>
      </form>
      {problem === undefined ? null : isRefused(problem) ? (
        <Refusal problem={problem} onKey={() => setProblem(undefined)} />
      ) : (
        <p class="case-problem" role="alert">
          {problem.status === 409 ? t("cases.conflict") : problem.message}
        </p>
      )}
      <History entries={history.data?.items ?? []} />
    </section>
  );
}

const Act = ({ label, onAct, main = false }: { label: string; onAct: () => unknown; main?: boolean }) => (
  <button type="button" class={main ? "button button-main" : "button"} onClick={() => void onAct()}>
    {label}
  </button>
);

const History = ({ entries }: { entries: readonly HistoryEntry[] }) =>
  entries.length === 0 ? null : (
    <>
      <h3>{t("cases.history")}</h3>
      <ol class="history">
        {entries.map(({ version, at, author, changes, comment }) => (
          <li key={version}>
            <span class="muted">
              <time dateTime={at}>{fullTime(at)}</time> · {author}
            </span>
            {Object.entries(changes).map(([field, { from, to }]) => (
              <span key={field}>
                {t(`cases.field.${field}` as "cases.field.status")}: {shown(field, from)} → {shown(field, to)}
              </span>
            ))}
            {comment === "" ? null : <q>{comment}</q>}
          </li>
        ))}
      </ol>
    </>
  );

const shown = (field: string, value: string): string =>
  value === "" ? "–" : field === "status" ? tValue("status", value) : tValue("verdict", value);

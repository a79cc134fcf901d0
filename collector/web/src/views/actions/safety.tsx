import { useState } from "preact/hooks";
import { type Drift, type ListEntry, listNames } from "../../api/action-types.ts";
import { send } from "../../api/client.ts";
import type { List } from "../../api/types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { dayTime, whole } from "../../lib/format.ts";
import { useAttempt } from "../../lib/use-attempt.ts";
import { useQuery } from "../../lib/use-query.ts";
import { refresh } from "../../state/refresh.ts";
import { Outcome } from "../../ui/outcome.tsx";
import { ReasonField } from "../../ui/reason-field.tsx";

/** What is never touched, what is allowed, and how our records and the real state differ. */
export function Safety() {
  const lists = useQuery<List<ListEntry>>("/actions/lists", { every: 15_000 });
  const { problem, attempt, clear } = useAttempt();
  const change = (work: () => Promise<unknown>): Promise<void> =>
    attempt(async () => {
      await work();
      refresh();
    });
  const remove = ({ id = "" }: ListEntry) =>
    change(() => send(`/actions/lists/${encodeURIComponent(id)}`, { method: "DELETE" }));
  return (
    <div class="detail-body">
      <Outcome problem={problem} onKey={clear} />
      {listNames.map((list) => (
        <section key={list}>
          <h2 class="part-title">{tValue("list", list)}</h2>
          {list === "never-touch" ? <p class="muted">{t("actions.own")}</p> : null}
          <ul class="list-entries">
            {(lists.data?.items ?? [])
              .filter((each) => each.list === list)
              .map((each) => (
                <li key={each.id ?? each.entry}>
                  <code>{each.entry}</code>
                  <span class="muted">
                    {[
                      each.author,
                      each.reason,
                      each.endsAt && t("actions.until", { x: dayTime(each.endsAt) }),
                    ]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>
                  {each.id === undefined ? null : (
                    <button type="button" class="button button-small" onClick={() => void remove(each)}>
                      {t("actions.remove")}
                    </button>
                  )}
                </li>
              ))}
          </ul>
          <AddEntry
            list={list}
            onAdd={(body) => change(() => send(`/actions/lists/${list}`, { method: "POST", body }))}
          />
        </section>
      ))}
      <DriftList attempt={change} />
    </div>
  );
}

interface AddProps {
  readonly list: ListEntry["list"];
  readonly onAdd: (body: { readonly entry: string; readonly reason: string }) => Promise<void>;
}

function AddEntry({ list, onAdd }: AddProps) {
  const [entry, setEntry] = useState("");
  const [reason, setReason] = useState("");
  return (
    <form
      class="case-form"
      aria-label={tValue("list", list)}
      onSubmit={(event) => {
        event.preventDefault();
        void onAdd({ entry: entry.trim(), reason: reason.trim() }).then(() => {
          setEntry("");
          setReason("");
        });
      }}
    >
      <ReasonField label={t("actions.entry")} value={entry} onValue={setEntry} maxLength={300} />
      <ReasonField label={t("actions.reason")} value={reason} onValue={setReason} />
      <button type="submit" class="button">
        {t("actions.add")}
      </button>
    </form>
  );
}

function DriftList({ attempt }: { attempt: (work: () => Promise<unknown>) => Promise<void> }) {
  const { data } = useQuery<List<Drift>>("/actions/drift", { every: 15_000 });
  const items = data?.items ?? [];
  return (
    <section>
      <h2 class="part-title">{t("actions.drift")}</h2>
      {items.length === 0 ? <p class="muted">{t("actions.noDrift")}</p> : null}
      <ul class="list-entries">
        {items.map((each) => (
          <li key={each.action}>
            <b>{each.action}</b>
            {each.problem === undefined ? null : <span class="case-problem">{each.problem}</span>}
            {each.missing.length === 0 && each.foreignCount === 0 && each.problem === undefined ? (
              <span class="muted">{t("actions.agree", { x: whole(each.ours), y: whole(each.real) })}</span>
            ) : null}
            {each.missing.length === 0 ? null : (
              <span class="case-problem">
                {t("actions.missing", { x: some(each.missing.map(({ target }) => target)) })}
              </span>
            )}
            {each.foreignCount === 0 ? null : (
              <span class="muted">
                {t("actions.foreign", {
                  x: some(
                    each.foreign.map(({ target }) => target),
                    each.foreignCount,
                  ),
                })}
              </span>
            )}
            <time class="muted" dateTime={each.at}>
              {dayTime(each.at)}
            </time>
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="button"
        onClick={() => void attempt(() => send("/actions/drift/check", { method: "POST" }))}
      >
        {t("actions.check")}
      </button>
    </section>
  );
}

const some = (values: readonly string[], count = values.length): string =>
  `${values.slice(0, 5).join(", ")}${count > 5 ? ` … (${whole(count)})` : ""}`;

import { useState } from "preact/hooks";
import type { AuditEntry } from "../../api/alert-types.ts";
import { ask } from "../../api/client.ts";
import type { ApiProblem } from "../../api/problem.ts";
import type { List } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { fullTime, whole } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { Empty, Failed } from "../../ui/state-box.tsx";
import { AlertPanel } from "../cases/alert-panel.tsx";

/** Entries of a page. */
const most = 100;

/** Who changed what, the latest first, and whether the trail is whole. */
export function Audit() {
  const answer = useQuery<List<AuditEntry>>(`/audit?limit=${most}`);
  return (
    <AlertPanel title="nav.audit" answer={answer} tools={<Check />}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty icon="clock" title={t("audit.none")} />
        ) : (
          <>
            <Entries items={items} />
            <Earlier key={items.at(-1)!.seq} before={items.at(-1)!.seq} />
          </>
        )
      }
    </AlertPanel>
  );
}

interface Verdict {
  readonly whole: boolean;
  readonly brokenAt?: number;
}

function Check() {
  const [verdict, setVerdict] = useState<Verdict>();
  const [problem, setProblem] = useState<ApiProblem>();
  const check = (): void => {
    setVerdict(undefined);
    setProblem(undefined);
    ask<Verdict>("/audit/verify", new AbortController().signal).then(setVerdict, setProblem);
  };
  const said = verdict?.whole ? t("audit.whole") : t("audit.broken", { x: whole(verdict?.brokenAt ?? 0) });
  return (
    <>
      <button type="button" class="button button-small" onClick={check}>
        {t("audit.check")}
      </button>
      {verdict === undefined && problem === undefined ? null : (
        <p class={`verdict ${verdict?.whole ? "verdict-good" : "verdict-bad"}`} role="status">
          {problem?.message ?? said}
        </p>
      )}
    </>
  );
}

const Entries = ({ items }: { items: readonly AuditEntry[] }) => (
  <ul class="scores">
    {items.map((entry) => (
      <li key={entry.seq} class="score">
        <div class="score-head">
          <span class="tag">{entry.action}</span>
          <b>{entry.author}</b>
          <span>{entry.subject}</span>
          <time class="muted" dateTime={entry.at}>
            {fullTime(entry.at)} · {whole(entry.seq)}
          </time>
        </div>
        {isEmpty(entry.detail) ? null : (
          <details>
            <summary>{t("audit.detail")}</summary>
            <pre class="job-json">{JSON.stringify(entry.detail, undefined, 2)}</pre>
          </details>
        )}
      </li>
    ))}
  </ul>
);

const isEmpty = (detail: unknown): boolean =>
  detail === null || detail === undefined || (typeof detail === "object" && Object.keys(detail).length === 0);

/** Entries before those of the first page, as many as are asked for. */
function Earlier({ before }: { before: number }) {
  const [items, setItems] = useState<readonly AuditEntry[]>([]);
  const [problem, setProblem] = useState<ApiProblem>();
  const oldest = Math.min(before, items.at(-1)?.seq ?? before);
  // The trail begins with 1.
  if (oldest <= 1 && items.length === 0) return null;
  const more = (): void => {
    setProblem(undefined);
    ask<List<AuditEntry>>(`/audit?limit=${most}&before=${oldest}`, new AbortController().signal).then(
      (answer) => setItems([...items, ...answer.items]),
      setProblem,
    );
  };
  return (
    <>
      <Entries items={items} />
      {problem ? <Failed problem={problem} /> : null}
      {oldest <= 1 ? null : (
        <p class="panel-foot">
          <button type="button" class="button button-small" onClick={more}>
            {t("audit.more")}
          </button>
        </p>
      )}
    </>
  );
}

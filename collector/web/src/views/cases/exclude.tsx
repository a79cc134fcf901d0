import { useEffect, useState } from "preact/hooks";
import type { Matcher, Preview } from "../../api/alert-types.ts";
import { send } from "../../api/client.ts";
import { ApiProblem } from "../../api/problem.ts";
import type { Alert } from "../../api/types.ts";
import { t, tCount } from "../../i18n/index.ts";
import { dayTime, whole } from "../../lib/format.ts";
import { refresh } from "../../state/refresh.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { leavesOf } from "../events/field-value.ts";
import { FormEnd } from "./form-end.tsx";

const terms = [1, 7, 30, 90, 365];
const previewDays = 30;

/** Makes an exception of an alert: what of it is excluded, for how long, why, and what that would have hidden. */
export function Exclude({ alert, onClose }: { alert: Alert; onClose: () => void }) {
  const offered = fieldsOf(alert);
  const [chosen, setChosen] = useState<readonly string[]>(offered.slice(0, 1).map(({ field }) => field));
  const [days, setDays] = useState(30);
  const [comment, setComment] = useState("");
  const [problem, setProblem] = useState<ApiProblem>();
  const [made, setMade] = useState(false);
  const matchers: Matcher[] = [
    { field: "rule", operator: "is", values: [alert.ruleId ?? alert.name ?? ""] },
    ...offered
      .filter(({ field }) => chosen.includes(field))
      .map(({ field, value }) => ({ field, operator: "is", values: [value] })),
  ];
  const make = async (): Promise<void> => {
    const endsAt = new Date(Date.now() + days * 86_400_000).toISOString();
    try {
      await send("/exceptions", { method: "POST", body: { matchers, comment: comment.trim(), endsAt } });
      setMade(true);
      refresh();
    } catch (refused) {
      setProblem(refused as ApiProblem);
    }
  };
  return (
    <Dialog title={t("exclude.title")} onClose={onClose}>
      {made ? (
        <p class="dialog-text" role="status">
          {t("exclude.made")}
        </p>
      ) : (
        <form
          class="exclude"
          onSubmit={(event) => {
            event.preventDefault();
            void make();
          }}
        >
          <p class="muted">{t("exclude.text", { x: alert.name ?? "" })}</p>
          <fieldset>
            <legend>{t("exclude.where")}</legend>
            {offered.map(({ field, value }) => (
              <label key={field} class="case-check">
                <input
                  type="checkbox"
                  checked={chosen.includes(field)}
                  onChange={() =>
                    setChosen(
                      chosen.includes(field) ? chosen.filter((each) => each !== field) : [...chosen, field],
                    )
                  }
                />
                <span>
                  {field} <code>{value}</code>
                </span>
              </label>
            ))}
          </fieldset>
          <label>
            {t("exclude.term")}
            <select
              class="input"
              value={days}
              onChange={(event) => setDays(Number(event.currentTarget.value))}
            >
              {terms.map((each) => (
                <option key={each} value={each}>
                  {tCount("exclude.days", each, String(each))}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t("cases.comment")}
            <textarea
              class="input"
              rows={2}
              required
              maxLength={2000}
              value={comment}
              onInput={(event) => setComment(event.currentTarget.value)}
            />
          </label>
          <PreviewBox matchers={matchers} />
          <FormEnd
            problem={problem}
            ready={chosen.length > 0 && comment.trim() !== ""}
            onKey={() => setProblem(undefined)}
            onCancel={onClose}
          />
        </form>
      )}
    </Dialog>
  );
}

/** What matchers would have hidden, asked again when they change. */
export function PreviewBox({ matchers }: { matchers: readonly Matcher[] }) {
  const [found, setFound] = useState<Preview | ApiProblem>();
  const key = JSON.stringify(matchers);
  useEffect(() => {
    const control = new AbortController();
    const body = { matchers: JSON.parse(key) as Matcher[], days: previewDays };
    const timer = setTimeout(() => {
      send<Preview>("/alerts/preview", { method: "POST", body }, control.signal).then(
        setFound,
        (error: ApiProblem) => {
          if (!control.signal.aborted) setFound(error);
        },
      );
    }, 300);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [key]);
  if (found === undefined) return <div class="preview muted">{t("preview.looking")}</div>;
  if (found instanceof ApiProblem) return <div class="preview muted">{found.message}</div>;
  const values = { x: whole(found.hidden), y: whole(found.looked), days: String(previewDays) };
  return (
    <div class="preview" role="status">
      <p>
        <b>{t("preview.found", values)}</b> {found.complete ? "" : t("preview.more")}
      </p>
      {found.truePositives === 0 ? null : (
        <p class="case-problem">{t("preview.true", { x: whole(found.truePositives) })}</p>
      )}
      <ul>
        {found.examples.slice(0, 5).map((each) => (
          <li key={each.id} class="muted">
            {dayTime(each["@timestamp"] ?? "")} {each.name}{" "}
            {each.adversary?.ip ?? each.adversary?.user ?? each.dataSource}
          </li>
        ))}
      </ul>
    </div>
  );
}

interface Offered {
  readonly field: string;
  readonly value: string;
}

/** What of an alert may be excluded: who, whom, where. */
function fieldsOf({ adversary, target, dataSource, lastEvent }: Alert): Offered[] {
  const sides = [
    ["adversary", adversary],
    ["target", target],
  ] as const;
  const wanted = /^(ip|user|host|domain|url|path|process)$/;
  const found = sides.flatMap(([side, of]) =>
    leavesOf(of ?? {}).flatMap(({ path, text }) =>
      wanted.test(path) ? [{ field: `${side}.${path}`, value: text }] : [],
    ),
  );
  const log = leavesOf((lastEvent?.log ?? {}) as Record<string, unknown>)
    .slice(0, 8)
    .map(({ path, text }) => ({ field: `lastEvent.log.${path}`, value: text }));
  return [
    ...found,
    ...(dataSource === undefined ? [] : [{ field: "dataSource", value: dataSource }]),
    ...log,
  ].filter(({ value }) => value !== "" && value.length <= 512);
}

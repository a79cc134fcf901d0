import { useState } from "preact/hooks";
import { type ControlKind, controlPaths, type Matcher } from "../../api/alert-types.ts";
import { send } from "../../api/client.ts";
import type { ApiProblem } from "../../api/problem.ts";
import { t, tValue } from "../../i18n/index.ts";
import { refresh } from "../../state/refresh.ts";
import { ReasonField } from "../../ui/reason-field.tsx";
import { PreviewBox } from "../cases/exclude.tsx";
import { FormEnd } from "../cases/form-end.tsx";

interface Line {
  readonly field: string;
  readonly operator: string;
  readonly text: string;
}

const operators = ["is", "isNot", "cidr"] as const;
const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const suggested = [
  "rule",
  "host",
  "asset",
  "severity",
  "dataType",
  "adversary.ip",
  "adversary.user",
  "target.host",
];
const firstLines: Readonly<Record<ControlKind, readonly Line[]>> = {
  silence: [{ field: "rule", operator: "is", text: "" }],
  maintenance: [{ field: "host", operator: "is", text: "" }],
  exception: [
    { field: "rule", operator: "is", text: "" },
    { field: "adversary.ip", operator: "is", text: "" },
  ],
};

/** Makes a silence, a maintenance window or an exception, with what it would have hidden. */
export function NewControl({ kind, onDone }: { kind: ControlKind; onDone: () => void }) {
  const [lines, setLines] = useState(firstLines[kind]);
  const [comment, setComment] = useState("");
  const [hours, setHours] = useState(kind === "exception" ? 720 : 4);
  const [weekly, setWeekly] = useState(false);
  const [on, setOn] = useState<readonly string[]>(["sun"]);
  const [at, setAt] = useState("02:00");
  const [minutes, setMinutes] = useState(120);
  const [problem, setProblem] = useState<ApiProblem>();
  const change = (place: number, what: Partial<Line>): void =>
    setLines(lines.map((line, index) => (index === place ? { ...line, ...what } : line)));
  const matchers: Matcher[] = lines
    .map(({ field, operator, text }) => ({ field: field.trim(), operator, values: valuesOf(text) }))
    .filter(({ field, values }) => field !== "" && values.length > 0);
  const make = async (): Promise<void> => {
    const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const when = weekly
      ? { weekly: { days: on, at, minutes, timeZone } }
      : { endsAt: new Date(Date.now() + hours * 3_600_000).toISOString() };
    try {
      await send(`/${controlPaths[kind]}`, {
        method: "POST",
        body: { matchers, comment: comment.trim(), ...when },
      });
      refresh();
      onDone();
    } catch (refused) {
      setProblem(refused as ApiProblem);
    }
  };
  return (
    <form
      class="new-control"
      aria-label={t(`silences.new.${kind}`)}
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <p class="muted">{t(`silences.what.${kind}`)}</p>
      <fieldset>
        <legend>{t("silences.matchers")}</legend>
        <datalist id="matcher-fields">
          {suggested.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        {lines.map((line, place) => (
          <div key={place} class="matcher-line">
            <input
              class="input"
              list="matcher-fields"
              aria-label={t("silences.field")}
              value={line.field}
              onInput={(event) => change(place, { field: event.currentTarget.value })}
            />
            <select
              class="input"
              aria-label={t("silences.operator")}
              value={line.operator}
              onChange={(event) => change(place, { operator: event.currentTarget.value })}
            >
              {operators.map((each) => (
                <option key={each} value={each}>
                  {tValue("operator", each)}
                </option>
              ))}
            </select>
            <input
              class="input"
              aria-label={t("silences.values")}
              placeholder={t("silences.valuesHint")}
              value={line.text}
              onInput={(event) => change(place, { text: event.currentTarget.value })}
            />
          </div>
        ))}
        <button
          type="button"
          class="button button-small"
          onClick={() => setLines([...lines, { field: "", operator: "is", text: "" }])}
        >
          {t("silences.addMatcher")}
        </button>
      </fieldset>
      {kind === "maintenance" ? (
        <label class="case-check">
          <input
            type="checkbox"
            checked={weekly}
            onChange={(event) => setWeekly(event.currentTarget.checked)}
          />
          {t("silences.weekly")}
        </label>
      ) : null}
      {weekly ? (
        <div class="weekly">
          {days.map((day) => (
            <label key={day} class="case-check">
              <input
                type="checkbox"
                checked={on.includes(day)}
                onChange={() => setOn(on.includes(day) ? on.filter((each) => each !== day) : [...on, day])}
              />
              {tValue("day", day)}
            </label>
          ))}
          <label>
            {t("silences.at")}
            <input
              class="input"
              type="time"
              value={at}
              onInput={(event) => setAt(event.currentTarget.value)}
            />
          </label>
          <label>
            {t("silences.lasts")}
            <input
              class="input"
              type="number"
              min={1}
              max={10_080}
              value={minutes}
              onInput={(event) => setMinutes(Number(event.currentTarget.value))}
            />
          </label>
        </div>
      ) : (
        <label>
          {t("silences.hours")}
          <input
            class="input"
            type="number"
            min={1}
            max={9_600}
            value={hours}
            onInput={(event) => setHours(Number(event.currentTarget.value))}
          />
        </label>
      )}
      <ReasonField label={t("cases.comment")} value={comment} onValue={setComment} maxLength={2000} />
      {matchers.length === 0 ? null : <PreviewBox matchers={matchers} />}
      <FormEnd
        problem={problem}
        ready={matchers.length > 0 && comment.trim() !== ""}
        onKey={() => setProblem(undefined)}
        onCancel={onDone}
      />
    </form>
  );
}

const valuesOf = (text: string): string[] =>
  text
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "");

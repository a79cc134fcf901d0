import { useState } from "preact/hooks";
import { type Control, type ControlKind, controlKinds, controlPaths } from "../../api/alert-types.ts";
import { send } from "../../api/client.ts";
import type { ApiProblem } from "../../api/problem.ts";
import type { List } from "../../api/types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { fullTime } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { refresh } from "../../state/refresh.ts";
import { Answered } from "../../ui/answered.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Outcome } from "../../ui/outcome.tsx";
import { Empty } from "../../ui/state-box.tsx";
import { AlertTabs } from "../cases/alert-tabs.tsx";
import { NewControl } from "./new-control.tsx";

/** What hides alerts: silences, maintenance windows and exceptions, those that are over last. */
export function Silences() {
  const answers = {
    silence: useQuery<List<Control>>("/silences", { every: 15_000 }),
    maintenance: useQuery<List<Control>>("/maintenance", { every: 15_000 }),
    exception: useQuery<List<Control>>("/exceptions", { every: 15_000 }),
  };
  const [making, setMaking] = useState<ControlKind>();
  const all = controlKinds.flatMap((kind) => answers[kind].data?.items ?? []);
  const problem = controlKinds.map((kind) => answers[kind].problem).find((each) => each !== undefined);
  const loaded = controlKinds.every((kind) => answers[kind].data !== undefined);
  const rank = (control: Control): number => ["active", "waiting", "over"].indexOf(control.state);
  const items = [...all].sort((a, b) => rank(a) - rank(b)).slice(0, 300);
  return (
    <section class="panel panel-wide" aria-busy={!loaded}>
      <h1 class="visually-hidden">{t("nav.silences")}</h1>
      <div class="choices choices-spread">
        <AlertTabs />
      </div>
      <div class="choices">
        {controlKinds.map((kind) => (
          <button
            key={kind}
            type="button"
            class="button button-small"
            aria-expanded={making === kind}
            onClick={() => setMaking(making === kind ? undefined : kind)}
          >
            {t(`silences.new.${kind}`)}
          </button>
        ))}
      </div>
      {making === undefined ? null : (
        <NewControl key={making} kind={making} onDone={() => setMaking(undefined)} />
      )}
      <Answered answer={{ data: loaded ? items : undefined, problem }}>
        {() =>
          items.length === 0 ? (
            <Empty icon="shield" title={t("silences.none")}>
              <p>{t("silences.noneHint")}</p>
            </Empty>
          ) : (
            <ul class="controls">
              {items.map((control) => (
                <Row key={control.id} control={control} />
              ))}
            </ul>
          )
        }
      </Answered>
    </section>
  );
}

function Row({ control }: { control: Control }) {
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<ApiProblem>();
  const end = async (): Promise<void> => {
    setAsking(false);
    try {
      await send(`/${controlPaths[control.kind]}/${encodeURIComponent(control.id)}`, { method: "DELETE" });
    } catch (refused) {
      setProblem(refused as ApiProblem);
    }
    refresh();
  };
  const { kind, state, comment, author, matchers, startsAt, endsAt, weekly } = control;
  return (
    <li class={`control control-${state}`}>
      <div class="control-head">
        <span class="tag">{tValue("control", kind)}</span>
        <span class="tag">{tValue("controlState", state)}</span>
        <b>{comment}</b>
        {state === "over" ? null : (
          <button type="button" class="button button-small" onClick={() => setAsking(true)}>
            {t("silences.end")}
          </button>
        )}
      </div>
      <p>
        {matchers.map(({ field, operator, values }) => (
          <code key={`${field} ${operator}`} class="matcher">
            {field} {operatorSigns[operator] ?? operator} {values.join(", ")}
          </code>
        ))}
      </p>
      <p class="muted">
        {author} · {fullTime(startsAt)} – {endsAt === undefined ? t("silences.open") : fullTime(endsAt)}
        {weekly === undefined
          ? ""
          : ` · ${weekly.days.map((day) => tValue("day", day)).join(" ")} ${weekly.at}, ${t("silences.minutes", { x: String(weekly.minutes) })} (${weekly.timeZone})`}
      </p>
      <Outcome problem={problem} onKey={() => setProblem(undefined)} />
      {asking ? (
        <Confirm
          title={t("silences.endTitle")}
          text={t("silences.endText", { x: comment })}
          stay={t("silences.keep")}
          act={t("silences.end")}
          onStay={() => setAsking(false)}
          onAct={() => void end()}
        />
      ) : null}
    </li>
  );
}

const operatorSigns: Readonly<Record<string, string>> = { is: "=", isNot: "≠", cidr: "∈" };

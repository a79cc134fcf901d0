import { useEffect, useState } from "preact/hooks";
import { ApiProblem } from "../../api/problem.ts";
import { t } from "../../i18n/index.ts";
import { fullTime } from "../../lib/format.ts";
import { useAttempt } from "../../lib/use-attempt.ts";
import { Empty, Failed } from "../../ui/state-box.tsx";

interface Question {
  readonly question: string;
  readonly options: readonly string[];
  readonly person: string;
  readonly expiresAt: string;
}

/** Asks without a key: the link says who asks. Throws an `ApiProblem`. */
async function post<T>(path: string, body: object): Promise<T | undefined> {
  const response = await fetch(`/hooks/answers/link${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new ApiProblem(0, {});
  });
  if (response.status === 204) return undefined;
  const said = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok) throw new ApiProblem(response.status, said);
  return said as T;
}

/** The question of a one-time link, and its answers. The link's secret is behind the mark of the address, which no server sees. */
export function AnswerByLink() {
  const [token] = useState(() => location.hash.slice(1));
  const [question, setQuestion] = useState<Question>();
  const [chosen, setChosen] = useState("");
  const { problem, attempt } = useAttempt();
  useEffect(() => {
    void attempt(async () => setQuestion(await post<Question>("/question", { token })));
  }, [token]);
  const answer = (option: string): Promise<void> =>
    attempt(async () => {
      await post("", { token, answer: option });
      setChosen(option);
    });
  return (
    <section class="panel panel-wide answer">
      {chosen !== "" ? (
        <Empty icon="shield" title={t("answer.done", { x: chosen })}>
          <p>{t("answer.doneHint")}</p>
        </Empty>
      ) : problem?.status === 404 || problem?.status === 400 ? (
        <Empty icon="clock" title={t("answer.over")}>
          <p>{t("answer.overHint")}</p>
        </Empty>
      ) : problem ? (
        <Failed problem={problem} />
      ) : question === undefined ? (
        <div class="skeleton" />
      ) : (
        <div class="detail-body">
          <header>
            <h1>{t("answer.title", { x: question.person })}</h1>
            <p class="description">{question.question}</p>
            <p class="muted">{t("answer.inName", { x: question.person, y: fullTime(question.expiresAt) })}</p>
          </header>
          <div class="case-buttons">
            {question.options.map((option) => (
              <button key={option} type="button" class="button" onClick={() => void answer(option)}>
                {option}
              </button>
            ))}
          </div>
        </div>
      )}
    </section>
  );
}

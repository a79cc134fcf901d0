import type { JobQuestion, WholeJob } from "../../api/response-types.ts";
import { t } from "../../i18n/index.ts";
import { fullTime } from "../../lib/format.ts";

interface QuestionsProps {
  readonly job: WholeJob;
  readonly onAnswer: (step: string, answer: string) => Promise<void>;
}

/** What a job asks people, with a button for each answer, and what was answered. */
export const Questions = ({ job, onAnswer }: QuestionsProps) => (
  <>
    {job.questions.map((question) => (
      <section key={question.step} class="case">
        <p>
          <b>{question.question}</b>
        </p>
        {question.answer === undefined ? (
          job.status === "waiting" || job.status === "running" ? (
            <Open question={question} onAnswer={onAnswer} />
          ) : (
            <p class="muted">{t("jobs.unanswered")}</p>
          )
        ) : (
          <p class="muted">{t("jobs.answered", { x: question.answeredBy ?? "–", y: question.answer })}</p>
        )}
      </section>
    ))}
  </>
);

const Open = ({ question, onAnswer }: { question: JobQuestion; onAnswer: QuestionsProps["onAnswer"] }) => (
  <>
    <p class="muted">
      {t("jobs.question")} {t("jobs.until", { x: fullTime(question.expiresAt) })}
    </p>
    <div class="case-buttons">
      {question.options.map((option) => (
        <button
          key={option}
          type="button"
          class="button"
          onClick={() => void onAnswer(question.step, option)}
        >
          {option}
        </button>
      ))}
    </div>
  </>
);

import type { ApiProblem } from "../../api/problem.ts";
import { t } from "../../i18n/index.ts";
import { isRefused, Refusal } from "../../ui/form/refusal.tsx";

interface FormEndProps {
  readonly problem: ApiProblem | undefined;
  readonly ready: boolean;
  readonly onKey: () => void;
  readonly onCancel: () => void;
}

/** The end of a form that hides alerts: what went wrong, and the buttons. */
export const FormEnd = ({ problem, ready, onKey, onCancel }: FormEndProps) => (
  <>
    {problem === undefined ? null : isRefused(problem) ? (
      <Refusal problem={problem} onKey={onKey} />
    ) : (
      <p class="case-problem" role="alert">
        {problem.message}
      </p>
    )}
    <div class="actions">
      <button type="button" class="button" onClick={onCancel}>
        {t("exclude.cancel")}
      </button>
      <button type="submit" class="button button-main" disabled={!ready}>
        {t("exclude.make")}
      </button>
    </div>
  </>
);

import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import type { ApiProblem } from "../../api/problem.ts";
import type { Workflow } from "../../api/response-types.ts";
import { t } from "../../i18n/index.ts";
import { go } from "../../state/address.ts";
import { Outcome } from "../../ui/outcome.tsx";

/** Runs a workflow by hand, dry unless one says otherwise, and leads to its job. */
export function RunForm({ workflow }: { workflow: Workflow }) {
  const [input, setInput] = useState("{}");
  const [parameters, setParameters] = useState("{}");
  const [dryRun, setDryRun] = useState(true);
  const [mistake, setMistake] = useState("");
  const [problem, setProblem] = useState<ApiProblem>();
  const hasParameters = Object.keys(workflow.parameters).length > 0;
  const run = async (): Promise<void> => {
    try {
      const body = { input: objectOf(input), parameters: objectOf(parameters), dryRun };
      setMistake("");
      const path = `/workflows/${encodeURIComponent(workflow.id)}/run`;
      const { job } = await send<{ job: string }>(path, { method: "POST", body });
      go({ view: "jobs", id: job });
    } catch (error) {
      if (error instanceof SyntaxError) setMistake(t("workflows.notJson", { x: error.message }));
      else setProblem(error as ApiProblem);
    }
  };
  return (
    <form
      class="new-control case"
      aria-label={t("workflows.run")}
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <label>
        {t("workflows.input")}
        <textarea
          class="input"
          rows={4}
          spellcheck={false}
          value={input}
          title={t("workflows.inputHint")}
          onInput={(event) => setInput(event.currentTarget.value)}
        />
      </label>
      {hasParameters ? (
        <label>
          {t("workflows.parameters")}
          <textarea
            class="input"
            rows={2}
            spellcheck={false}
            value={parameters}
            onInput={(event) => setParameters(event.currentTarget.value)}
          />
        </label>
      ) : null}
      <label class="case-check">
        <input
          type="checkbox"
          checked={dryRun}
          onChange={(event) => setDryRun(event.currentTarget.checked)}
        />
        {t("workflows.dry")}
      </label>
      {mistake === "" ? null : (
        <p class="case-problem" role="alert">
          {mistake}
        </p>
      )}
      <Outcome problem={problem} onKey={() => setProblem(undefined)} />
      <div class="actions">
        <button type="submit" class={dryRun ? "button button-main" : "button button-harm"}>
          {t("workflows.run")}
        </button>
      </div>
    </form>
  );
}

/** Throws a SyntaxError that says what is wrong. */
function objectOf(text: string): object {
  const value = JSON.parse(text.trim() === "" ? "{}" : text) as unknown;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new SyntaxError("{ … }");
  return value;
}

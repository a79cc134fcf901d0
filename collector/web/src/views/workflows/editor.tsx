import { useEffect, useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import type { ApiProblem } from "../../api/problem.ts";
import type { WholeWorkflow, WorkflowProblem } from "../../api/response-types.ts";
import { t } from "../../i18n/index.ts";
import { go } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { unsaved } from "../../state/unsaved.ts";
import { Outcome } from "../../ui/outcome.tsx";
import { RemoveButton } from "../../ui/remove-button.tsx";

const example = `id: my-workflow
name: My workflow
triggers:
  - { type: alert, rules: ["*ssh*"], minSeverity: medium }
steps:
  - { id: Card, type: artifact, content: "{{[trigger].[name]}}" }
`;
/** So long after the last key the text is looked through, milliseconds. */
const restMs = 600;

/** Writes a workflow, says what is wrong in which line, keeps it as a draft or lets it be started. */
export function WorkflowEditor({ workflow }: { workflow: WholeWorkflow | undefined }) {
  const [text, setText] = useState(workflow?.yaml ?? example);
  const [problems, setProblems] = useState<readonly WorkflowProblem[]>(workflow?.problems ?? []);
  const [problem, setProblem] = useState<ApiProblem>();
  const isDirty = text !== (workflow?.yaml ?? example);
  const id = workflow?.id ?? idOf(text);
  useEffect(() => {
    unsaved.value = isDirty;
    return () => {
      unsaved.value = false;
    };
  }, [isDirty]);
  useEffect(() => {
    if (!isDirty || id === "") return;
    const control = new AbortController();
    const timer = setTimeout(() => {
      const path = `/workflows/${encodeURIComponent(id)}/check`;
      send<{ items: WorkflowProblem[] }>(path, { method: "POST", body: { yaml: text } }, control.signal).then(
        ({ items }) => setProblems(items),
        () => undefined,
      );
    }, restMs);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [text, isDirty, id]);
  const keep = async (active: boolean): Promise<void> => {
    try {
      const body = { yaml: text, version: workflow?.version ?? 0, active };
      await send(`/workflows/${encodeURIComponent(id)}`, { method: "PUT", body });
      unsaved.value = false;
      setProblem(undefined);
      refresh();
      go({ id }, { replace: true });
    } catch (refused) {
      setProblem(refused as ApiProblem);
    }
  };
  return (
    <section class="workflow-editor">
      <h3>{t("workflows.definition")}</h3>
      <textarea
        class="input"
        rows={Math.min(40, Math.max(12, text.split("\n").length + 1))}
        spellcheck={false}
        aria-label={t("workflows.definition")}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {problems.length === 0 ? null : (
        <ul class="workflow-problems" role="status">
          {problems.map(({ line, column, message, severity }) => (
            <li key={`${line}:${column}:${message}`} class={severity === "error" ? "case-problem" : "muted"}>
              {line}:{column} {message}
            </li>
          ))}
        </ul>
      )}
      <Outcome problem={problem} onKey={() => setProblem(undefined)} />
      <div class="actions">
        <button type="button" class="button" disabled={id === ""} onClick={() => void keep(false)}>
          {t("workflows.draft")}
        </button>
        <button
          type="button"
          class="button button-main"
          disabled={id === "" || problems.some(({ severity }) => severity === "error")}
          onClick={() => void keep(true)}
        >
          {t("workflows.activate")}
        </button>
        {workflow === undefined ? null : (
          <RemoveButton
            path={`/workflows/${encodeURIComponent(workflow.id)}`}
            label={t("workflows.remove")}
            title={t("workflows.removeTitle", { x: workflow.id })}
            text={t("workflows.removeText")}
            stay={t("notes.keep")}
            onProblem={setProblem}
          />
        )}
      </div>
    </section>
  );
}

/** The id that a text gives itself; empty where there is none. */
const idOf = (text: string): string => /^id:\s*["']?([a-z0-9_-]{1,64})["']?\s*$/m.exec(text)?.[1] ?? "";

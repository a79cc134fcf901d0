import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { ApiProblem, FieldProblem } from "../../api/problem.ts";
import { t } from "../../i18n/index.ts";
import { type FormField, shownFields } from "./field.ts";
import { FieldRow } from "./field-row.tsx";
import { localProblem } from "./local-check.ts";
import { isRefused, Refusal } from "./refusal.tsx";
import type { Draft } from "./use-draft.ts";

interface FormProps {
  readonly fields: readonly FormField[];
  readonly draft: Draft;
  /** What the collector says does not fit; a key without a field is shown at the end. */
  readonly problems: readonly FieldProblem[];
  /** Why checking or saving did not come to pass. */
  readonly failure: ApiProblem | undefined;
  readonly label: string;
  /** True where there is something to save even without a change. */
  readonly isNew?: boolean;
  /** Stores the changes; true where it did. */
  readonly onSave: () => Promise<boolean>;
  /** Called when another key was given. */
  readonly onKey: () => void;
  /** Further buttons beside the one that saves. */
  readonly actions?: ComponentChildren;
}

/** Asks for fields, says what is wrong beside each, and saves all of them or none. */
export function Form(props: FormProps) {
  const { fields, draft, problems, failure, label, onSave, onKey } = props;
  const [state, setState] = useState<"" | "saving" | "saved">("");
  const [isFinal, setFinal] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const shown = shownFields(fields, draft.changes);
  const problemOf = (field: FormField): string | undefined =>
    localProblem(field, draft.changes, isFinal) ?? problems.find(({ key }) => key === field.key)?.message;
  const unplaced = problems.filter(({ key }) => !shown.some((field) => field.key === key));
  const save = async () => {
    setFinal(true);
    const isWrong = shown.some((field) => localProblem(field, draft.changes, true) !== undefined);
    if (isWrong) return requestAnimationFrame(() => focusFirst(form.current));
    setState("saving");
    const isSaved = await onSave();
    setState(isSaved ? "saved" : "");
    if (isSaved) setFinal(false);
    if (!isSaved) requestAnimationFrame(() => focusFirst(form.current));
  };
  const canSave = (draft.isDirty || props.isNew === true) && state !== "saving";
  return (
    <form
      ref={form}
      class="form"
      noValidate
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        if (canSave) void save();
      }}
    >
      {grouped(shown).map(([group, members]) => {
        const rows = members.map((field) => (
          <FieldRow
            key={field.key}
            {...{ field, changes: draft.changes, problem: problemOf(field) }}
            onChange={draft.change}
            onUndo={draft.undo}
          />
        ));
        return group === "" ? (
          rows
        ) : (
          <fieldset key={group} class="group">
            <legend>{group}</legend>
            {rows}
          </fieldset>
        );
      })}
      {unplaced.map(({ key, message }) => (
        <p key={key} class="field-problem" role="alert">
          {key === "" ? message : `${fields.find((each) => each.key === key)?.label ?? key}: ${message}`}
        </p>
      ))}
      {failure && isRefused(failure) ? <Refusal problem={failure} onKey={onKey} /> : null}
      {failure && !isRefused(failure) && failure.problems.length === 0 ? (
        <p class="field-problem" role="alert">
          {failure.status === 0 ? t("error.unreachable") : failure.message} {failure.cure}
        </p>
      ) : null}
      {fields.every(({ locked }) => locked) ? null : (
        <div class="actions form-actions">
          <button type="submit" class="button button-main" disabled={!canSave}>
            {t("form.save")}
          </button>
          {draft.isDirty ? (
            <button type="button" class="button" onClick={draft.clear}>
              {t("form.undoAll")}
            </button>
          ) : null}
          {props.actions}
          <span role="status" class="muted">
            {state === "saving"
              ? t("form.saving")
              : draft.isDirty
                ? t("form.dirty")
                : state === "saved"
                  ? t("form.saved")
                  : ""}
          </span>
        </div>
      )}
    </form>
  );
}

function focusFirst(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}

/** Fields by the part they stand in, in order; those without one together. */
function grouped(fields: readonly FormField[]): [string, FormField[]][] {
  return [...Map.groupBy(fields, ({ group = "" }) => group)];
}

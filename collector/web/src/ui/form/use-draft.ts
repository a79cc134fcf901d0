import { useEffect, useState } from "preact/hooks";
import type { ApiProblem } from "../../api/problem.ts";
import { unsaved } from "../../state/unsaved.ts";
import { type Changes, changed, type FormField } from "./field.ts";

export interface Draft {
  readonly changes: Changes;
  readonly isDirty: boolean;
  change(field: FormField, value: unknown): void;
  undo(field: FormField): void;
  clear(): void;
  /** Why the last save or test did not come to pass; gone with the next change. */
  readonly failure: ApiProblem | undefined;
  fail(problem: ApiProblem | undefined): void;
}

/** What was typed and is not stored. While there is something, the page asks before it is left. */
export function useDraft(): Draft {
  const [changes, setChanges] = useState<Changes>({});
  const [failure, fail] = useState<ApiProblem>();
  const isDirty = Object.keys(changes).length > 0;
  useEffect(() => {
    unsaved.value = isDirty;
    return () => {
      unsaved.value = false;
    };
  }, [isDirty]);
  useEffect(() => fail(undefined), [changes]);
  return {
    ...{ changes, isDirty, failure, fail },
    change: (field, value) => setChanges((before) => changed(before, field, value)),
    undo: ({ key }) => setChanges(({ [key]: _, ...others }) => others),
    clear: () => setChanges({}),
  };
}

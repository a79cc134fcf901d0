import { useEffect, useState } from "preact/hooks";
import { unsaved } from "../../state/unsaved.ts";
import { type Changes, changed, type FormField } from "./field.ts";

export interface Draft {
  readonly changes: Changes;
  readonly isDirty: boolean;
  change(field: FormField, value: unknown): void;
  undo(field: FormField): void;
  clear(): void;
}

/** What was typed and is not stored. While there is something, the page asks before it is left. */
export function useDraft(): Draft {
  const [changes, setChanges] = useState<Changes>({});
  const isDirty = Object.keys(changes).length > 0;
  useEffect(() => {
    unsaved.value = isDirty;
    return () => {
      unsaved.value = false;
    };
  }, [isDirty]);
  return {
    ...{ changes, isDirty },
    change: (field, value) => setChanges((before) => changed(before, field, value)),
    undo: ({ key }) => setChanges(({ [key]: _, ...others }) => others),
    clear: () => setChanges({}),
  };
}

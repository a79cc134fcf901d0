import { useId } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import { Control } from "./controls.tsx";
import { type Changes, type FormField, fieldValue, isSet } from "./field.ts";

interface RowProps {
  readonly field: FormField;
  readonly changes: Changes;
  readonly problem: string | undefined;
  readonly onChange: (field: FormField, value: unknown) => void;
  readonly onUndo: (field: FormField) => void;
}

/** A field with its label, what it is for, what is wrong with it, and the ways back. */
export function FieldRow({ field, changes, problem, onChange, onUndo }: RowProps) {
  const id = useId();
  const isChanged = Object.hasOwn(changes, field.key);
  const isCleared = field.secret && changes[field.key] === null;
  const described = [`${id}-help`, ...(problem === undefined ? [] : [`${id}-problem`])].join(" ");
  return (
    <div class={isChanged ? "field field-changed" : "field"} data-key={field.key}>
      <label for={id} class={field.required ? "needed" : undefined}>
        {field.label}
      </label>
      <div class="field-body">
        <div class="field-line">
          <Control
            {...{ field, id, describedBy: described, invalid: problem !== undefined, cleared: isCleared }}
            value={fieldValue(field, changes)}
            onChange={(value) => onChange(field, value)}
          />
          <Ways {...{ field, isChanged, isCleared, onChange, onUndo }} />
        </div>
        <p class="field-help" id={`${id}-help`}>
          {[field.help, field.locked ? t("form.locked") : "", isCleared ? t("form.willClear") : ""]
            .filter(Boolean)
            .join(" ")}
        </p>
        {problem === undefined ? null : (
          <p class="field-problem" id={`${id}-problem`}>
            {problem}
          </p>
        )}
      </div>
    </div>
  );
}

interface WaysProps {
  readonly field: FormField;
  readonly isChanged: boolean;
  readonly isCleared: boolean;
  readonly onChange: RowProps["onChange"];
  readonly onUndo: RowProps["onUndo"];
}

/** Back to what is stored, back to the default, and away with a secret. */
function Ways({ field, isChanged, isCleared, onChange, onUndo }: WaysProps) {
  if (field.locked) return null;
  const ways = [
    ...(isChanged ? [[t("form.undo"), () => onUndo(field)] as const] : []),
    ...(field.secret && isSet(field) && !isCleared
      ? [[t("form.clear"), () => onChange(field, null)] as const]
      : []),
    ...(!field.secret && field.stored && !isChanged
      ? [[t("form.toDefault"), () => onChange(field, null), t("form.default", { x: shown(field) })] as const]
      : []),
  ];
  return (
    <>
      {ways.map(([name, act, title]) => (
        <button
          key={name}
          type="button"
          class="way"
          title={title}
          aria-label={`${name}: ${field.label}`}
          onClick={act}
        >
          {name}
        </button>
      ))}
    </>
  );
}

/** The default in words. */
function shown({ default: value, options }: FormField): string {
  if (typeof value === "boolean") return t(value ? "form.on" : "form.off");
  const option = options?.find((each) => each.value === value);
  return option?.label ?? (value === "" || value === undefined ? t("form.empty") : String(value));
}

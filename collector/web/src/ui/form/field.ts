import type { SettingType, VisibleIf } from "@vedette/sdk";

/** One thing that a form asks for: a setting of a plugin, or a part of a connection. */
export interface FormField {
  /** Unique in its form. */
  readonly key: string;
  readonly type: SettingType | "lines" | "json" | "upload";
  /** Write-only: its value says whether one is set. */
  readonly secret: boolean;
  readonly label: string;
  readonly help: string;
  readonly default: unknown;
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  readonly min?: number;
  readonly max?: number;
  readonly maxLength?: number;
  readonly multiline?: boolean;
  /** Its value is the name of a connection of this kind. */
  readonly connection?: string;
  readonly required?: boolean;
  readonly visibleIf?: VisibleIf;
  /** What is stored or holds now. */
  readonly value: unknown;
  /** Set in the configuration file. */
  readonly locked: boolean;
  /** Neither locked nor at its default. */
  readonly stored: boolean;
  /** Title of the part of the form it stands in. */
  readonly group?: string;
}

/** What was changed and is not stored, by key; null goes back to the default, and takes a secret away. */
export type Changes = Readonly<Record<string, unknown>>;

/** The value of a field after the changes. Of a secret that is not changed: "". */
export function fieldValue(field: FormField, changes: Changes): unknown {
  if (Object.hasOwn(changes, field.key)) {
    const changed = changes[field.key];
    return changed === null ? (field.secret ? "" : field.default) : changed;
  }
  return field.secret ? "" : field.value;
}

/** True where a secret is stored. */
export const isSet = ({ value }: FormField): boolean =>
  typeof value === "object" && value !== null && (value as { set?: unknown }).set === true;

/**
 * The fields that are to be shown with these changes; one that hangs on a hidden one is hidden too. What is not shown keeps
 * its value.
 */
export function shownFields(fields: readonly FormField[], changes: Changes): readonly FormField[] {
  const isShown = ({ visibleIf }: FormField, depth = 0): boolean => {
    const on = visibleIf && fields.find(({ key }) => key === visibleIf.key);
    if (!on || depth > fields.length) return true;
    const value = fieldValue(on, changes) as string;
    return [visibleIf.is].flat().includes(value) && isShown(on, depth + 1);
  };
  return fields.filter((field) => isShown(field));
}

/** The changes with one more; none where it is what is stored. */
export function changed(changes: Changes, field: FormField, value: unknown): Changes {
  const { [field.key]: _, ...others } = changes;
  const same = field.secret ? value === "" : Object.is(value, field.value);
  return same ? others : { ...others, [field.key]: value };
}

import { t } from "../../i18n/index.ts";
import { whole } from "../../lib/format.ts";
import { type Changes, type FormField, fieldValue, isSet } from "./field.ts";

/**
 * What the page itself sees to be wrong with a field, in the reader's language; the collector checks everything. What was
 * not touched is not missed before the form is `isFinal`, so asked to be stored.
 */
export function localProblem(field: FormField, changes: Changes, isFinal: boolean): string | undefined {
  if (field.locked) return undefined;
  const value = fieldValue(field, changes);
  const isTouched = isFinal || Object.hasOwn(changes, field.key);
  if (field.type === "number") {
    if (value === undefined && field.default === undefined)
      return field.required && isTouched ? t("form.needed") : undefined;
    if (typeof value !== "number") return t("form.number");
    if (field.min !== undefined && value < field.min) return t("form.min", { x: whole(field.min) });
    if (field.max !== undefined && value > field.max) return t("form.max", { x: whole(field.max) });
  }
  if (field.type === "json" && value instanceof SyntaxError) return t("form.json", { x: value.message });
  if (typeof value === "string" && field.maxLength !== undefined && value.length > field.maxLength)
    return t("form.long", { x: whole(field.maxLength) });
  const isKept = field.secret && isSet(field) && changes[field.key] !== null;
  if (field.required && isTouched && !isKept && (value === "" || value === undefined))
    return t("form.needed");
  return undefined;
}

import { type Changes, fieldValue, shownFields } from "../form/field.ts";
import type { SchemaField } from "./schema-fields.ts";

type Settings = Record<string, unknown>;

/** The settings that a form says: what is stored, with what was changed. Secrets that were not touched stay `{ set: true }`. */
export function assembled(fields: readonly SchemaField[], changes: Changes, stored: unknown): Settings {
  const settings = structuredClone(stored ?? {}) as Settings;
  const shown = new Set(shownFields(fields, changes).map(({ key }) => key));
  for (const field of fields)
    if (field.ofBranch && !shown.has(field.key)) put(settings, field.steps, undefined);
  const said = new Set(
    fields.flatMap(({ key, optional }) => (optional && Object.hasOwn(changes, key) ? [optional.join()] : [])),
  );
  const isLeftOut = ({ optional }: SchemaField): boolean =>
    optional !== undefined && !said.has(optional.join()) && valueAt(stored, optional) === undefined;
  for (const field of fields) {
    if ((field.ofBranch && !shown.has(field.key)) || isLeftOut(field)) continue;
    const isChanged = Object.hasOwn(changes, field.key);
    if (field.secret) {
      const gone = field.type === "upload" ? undefined : null;
      if (isChanged) put(settings, field.steps, changes[field.key] ?? gone);
    } else {
      const value = changes[field.key] === null ? undefined : fieldValue(field, changes);
      put(settings, field.steps, value === "" && !isWanted(field) ? undefined : value);
    }
  }
  return settings;
}

const valueAt = (value: unknown, steps: readonly string[]): unknown =>
  steps.reduce<unknown>(
    (inside, step) =>
      typeof inside === "object" && inside !== null && Object.hasOwn(inside, step)
        ? (inside as Settings)[step]
        : undefined,
    value,
  );

/** True where an empty text is meant rather than nothing. */
const isWanted = (field: SchemaField): boolean => field.type === "text" && typeof field.default === "string";

/** Puts a value to its place, or takes it away; objects come and go with what is in them. A secret that is null goes. */
function put(settings: Settings, [step = "", ...below]: readonly string[], value: unknown): void {
  const there = Object.hasOwn(settings, step) ? settings[step] : undefined;
  if (below.length === 0) {
    if (value === undefined) delete settings[step];
    else define(settings, step, value);
    return;
  }
  const inner = typeof there === "object" && there !== null ? (there as Settings) : {};
  put(inner, below, value);
  if (Object.values(inner).every((each) => each === null)) delete settings[step];
  else define(settings, step, inner);
}

/** A key such as "__proto__" is a key like any other. */
const define = (settings: Settings, key: string, value: unknown): void => {
  Object.defineProperty(settings, key, { value, enumerable: true, writable: true, configurable: true });
};

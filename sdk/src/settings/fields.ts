import type { z } from "zod";
import type { SettingHint, SettingType, VisibleIf } from "./setting.ts";

/** One setting as a page asks for it. */
export interface SettingField {
  readonly key: string;
  readonly type: SettingType;
  /** Never shown, stored encrypted. */
  readonly secret: boolean;
  readonly label: string;
  readonly help: string;
  /** What holds while nothing is said. Of a secret: always "". */
  readonly default: unknown;
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  readonly min?: number;
  readonly max?: number;
  readonly maxLength?: number;
  readonly visibleIf?: VisibleIf;
  /** The value is the name of a connection of this kind of the plugin. */
  readonly connection?: string;
}

/** Texts of a plugin by language; a language falls back to English, and English to the key itself. */
export type Locales = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A text of a plugin in a language. Undefined where neither it nor English has the key. */
export const localText = (locales: Locales, language: string, key: string): string | undefined =>
  own(locales[language], key) ?? own(locales["en"], key);

const own = (texts: Readonly<Record<string, string>> | undefined, key: string): string | undefined =>
  texts !== undefined && Object.hasOwn(texts, key) ? texts[key] : undefined;

interface Schema {
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly def: { readonly type: string; readonly innerType?: Schema };
  readonly options?: readonly string[];
  readonly minValue?: number | null;
  readonly maxValue?: number | null;
  readonly maxLength?: number | null;
  meta?(): { readonly description?: string; readonly vedette?: Meta } | undefined;
}
interface Meta {
  readonly setting?: SettingHint;
  readonly secret?: boolean;
}

/**
 * The settings of a schema in the order of their declaration, with labels of a language: the locale's `<key>`,
 * help `<key>.help`, words of a choice `<key>.<word>`. What has no hint is shown by what its type allows; objects and lists
 * inside the settings are left to the configuration file.
 */
export function settingFields(schema: z.ZodType, locales: Locales, language: string): SettingField[] {
  const shape = (schema as unknown as Schema).shape ?? {};
  const gated = Object.hasOwn(shape, "enabled");
  return Object.entries(shape).flatMap(([key, field]) => {
    const { inner, meta } = unwrapped(field);
    const type = meta.vedette?.setting?.type ?? typeOf(inner);
    if (type === undefined) return [];
    const secret = meta.vedette?.secret === true || type === "password";
    const visibleIf =
      meta.vedette?.setting?.visibleIf ?? (gated && key !== "enabled" ? enabledOnly : undefined);
    return [
      {
        ...{ key, type, secret },
        label: localText(locales, language, key) ?? key,
        help: localText(locales, language, `${key}.help`) ?? meta.description ?? "",
        default: secret ? "" : defaultOf(field as unknown as z.ZodType),
        ...(inner.options && {
          options: inner.options.map((value) => ({
            value,
            label: localText(locales, language, `${key}.${value}`) ?? value,
          })),
        }),
        ...(type === "number" && bounds(inner)),
        ...(typeof inner.maxLength === "number" && { maxLength: inner.maxLength }),
        ...(visibleIf && { visibleIf }),
        ...(meta.vedette?.setting?.connection && { connection: meta.vedette.setting.connection }),
      },
    ];
  });
}

/** Keys of the settings that name a connection. */
export const connectionKeys = (schema: z.ZodType): string[] =>
  settingFields(schema, {}, "en").flatMap(({ key, connection }) => (connection === undefined ? [] : [key]));

const enabledOnly: VisibleIf = { key: "enabled", is: true };

/** True where a setting is to be shown with these values. */
export function isVisible(
  field: Pick<SettingField, "visibleIf">,
  values: Readonly<Record<string, unknown>>,
): boolean {
  if (field.visibleIf === undefined) return true;
  const { key, is } = field.visibleIf;
  const value = values[key] as string | number | boolean;
  return Array.isArray(is) ? is.includes(value) : is === value;
}

function unwrapped(field: Schema): {
  readonly inner: Schema;
  readonly meta: { description?: string; vedette?: Meta };
} {
  let meta: { description?: string; vedette?: Meta } = { ...field.meta?.() };
  let inner = field;
  while (inner.def.innerType) {
    inner = inner.def.innerType;
    meta = { ...inner.meta?.(), ...meta };
  }
  return { inner, meta };
}

const types: Readonly<Record<string, SettingType>> = {
  string: "text",
  number: "number",
  int: "number",
  boolean: "boolean",
  enum: "select",
};
const typeOf = ({ def }: Schema): SettingType | undefined => types[def.type];

const bounds = ({ minValue, maxValue }: Schema): { min?: number; max?: number } => ({
  ...(Number.isSafeInteger(minValue) && { min: minValue as number }),
  ...(Number.isSafeInteger(maxValue) && maxValue !== Number.MAX_SAFE_INTEGER && { max: maxValue as number }),
});

function defaultOf(field: z.ZodType): unknown {
  const { success, data } = field.safeParse(undefined);
  return success ? data : undefined;
}

/** The help texts of a schema as a locale's `<key>.help`: for `en`, so that a translation has the same keys. */
export const helpTexts = (schema: z.ZodType): Record<string, string> =>
  Object.fromEntries(settingFields(schema, {}, "en").map(({ key, help }) => [`${key}.help`, help]));

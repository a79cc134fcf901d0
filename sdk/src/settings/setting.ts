import { z } from "zod";

/** The kinds of settings that pages know how to show. */
export const settingTypes = ["text", "password", "number", "boolean", "select", "file", "url"] as const;
export type SettingType = (typeof settingTypes)[number];

/** Shows a setting only while another has one of these values. */
export interface VisibleIf {
  readonly key: string;
  readonly is: string | number | boolean | readonly (string | number | boolean)[];
}

/** What a schema says to pages about a setting, below `vedette.setting` of its metadata. */
export interface SettingHint {
  readonly type: SettingType;
  readonly visibleIf?: VisibleIf;
  /** The value is the name of a connection of this kind of the plugin. */
  readonly connection?: string;
}

interface Options {
  /** What the setting is for, in English; pages take the locale's `<key>.help` first. */
  readonly help?: string;
  readonly visibleIf?: VisibleIf;
}

const hinted = <Schema extends z.ZodType>(schema: Schema, type: SettingType, options: Options): Schema => {
  const { help, visibleIf } = options;
  const setting: SettingHint = visibleIf ? { type, visibleIf } : { type };
  return schema.meta({
    ...(help === undefined ? {} : { description: help }),
    vedette: { setting, ...(type === "password" ? { secret: true } : {}) },
  });
};

const webAddress = /^(https?|mqtts?|wss?|tcp|tls):\/\/[^\s/]+/;

/** Settings of a plugin with what a page must know to ask for them. All have a default, all are bounded. */
export const setting = {
  /** A line of text. */
  text: (value = "", options: Options & { readonly max?: number; readonly pattern?: RegExp } = {}) => {
    const text = z.string().max(options.max ?? 5_000);
    return hinted((options.pattern ? text.regex(options.pattern) : text).default(value), "text", options);
  },
  /** A secret: stored encrypted, never shown again, removed from logs and debug bundles. Empty: none is set. */
  password: (options: Options = {}) => hinted(z.string().max(5_000).default(""), "password", options),
  number: (
    value: number,
    options: Options & { readonly min?: number; readonly max?: number; readonly whole?: boolean } = {},
  ) => {
    const { min = 0, max = Number.MAX_SAFE_INTEGER, whole = true } = options;
    const number = (whole ? z.int() : z.number()).min(min).max(max);
    return hinted(number.default(value), "number", options);
  },
  boolean: (value: boolean, options: Options = {}) => hinted(z.boolean().default(value), "boolean", options),
  /** One of a few words, whose labels are the locale's `<key>.<word>`. */
  select: <const Word extends string>(
    words: readonly [Word, ...Word[]],
    value: Word,
    options: Options = {},
  ) => {
    const choice: z.ZodType<Word> = z.enum(words).default(value as never) as never;
    return hinted(choice, "select", options);
  },
  /** The name of a connection, of a kind among the plugin's `connections`. Empty: none is chosen. */
  connection: (kind: string, options: Options = {}) => {
    const name = z.string().max(63).default("");
    const { help, visibleIf } = options;
    const hint: SettingHint = { type: "text", connection: kind, ...(visibleIf && { visibleIf }) };
    return name.meta({ ...(help === undefined ? {} : { description: help }), vedette: { setting: hint } });
  },
  /** A path on the collector's host. Pages warn while it does not exist and the plugin is enabled. */
  file: (value = "", options: Options = {}) => hinted(z.string().max(4_096).default(value), "file", options),
  /** A web address; white space is taken out of what is typed. Empty: none. */
  url: (value = "", options: Options = {}) => {
    const address = z
      .string()
      .max(4_096)
      .overwrite((text) => text.replaceAll(/\s+/g, ""))
      .refine(
        (text) => text === "" || webAddress.test(text),
        "Expected an address such as https://host:8006",
      );
    return hinted(address.default(value), "url", options);
  },
};

/** The settings of a plugin: a strict object. `enabled`, where it is declared, switches the whole plugin. */
export const settings = <Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> =>
  z.strictObject(shape);

import { language } from "../state/preferences.ts";
import { de } from "./de.ts";
import { en, type TextName } from "./en.ts";

/** The text in the reader's language; what reads it is drawn again when the language changes. */
export function t(name: TextName, values: Readonly<Record<string, string>> = {}): string {
  const text: string = (language.value === "de" ? de : en)[name];
  return text.replaceAll(/\{(\w+)\}/g, (mark, key: string) => values[key] ?? mark);
}

type Counted = { [Name in TextName]: Name extends `${infer Plural}.one` ? Plural : never }[TextName];

/** The text for a number of things: one, or several. */
export const tCount = (name: Counted & TextName, count: number, shown: string): string =>
  count === 1 ? t(`${name}.one`) : t(name, { x: shown });

const names: ReadonlySet<string> = new Set(Object.keys(en));

type Kind =
  | "severity"
  | "status"
  | "engine"
  | "condition"
  | "capability"
  | "role"
  | "assetState"
  | "credential"
  | "programKind";

/** The text of a value that may have one, such as a severity; the value itself where there is none. */
export function tValue(kind: Kind, value: string): string {
  const name = `${kind}.${value}`;
  return names.has(name) ? t(name as TextName) : value;
}

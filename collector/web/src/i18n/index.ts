import { language } from "../state/preferences.ts";
import type { alertsEn } from "./alerts/en.ts";
import { de } from "./de.ts";
import { en, type MainTextName } from "./en.ts";
import type { manageEn } from "./manage/en.ts";
import type { packsEn } from "./packs/en.ts";
import type { actionsEn } from "./response/actions-en.ts";
import type { responseEn } from "./response/en.ts";
import type { rollupsEn } from "./rollups/en.ts";

/** Every text of the page, also of the views that are loaded on demand. */
export type TextName =
  | MainTextName
  | keyof typeof manageEn
  | keyof typeof alertsEn
  | keyof typeof responseEn
  | keyof typeof packsEn
  | keyof typeof rollupsEn
  | keyof typeof actionsEn;

type Texts = Readonly<Record<string, string>>;

/** The texts that a part of the page brings, the same names in both languages. */
export interface Dictionary {
  readonly en: Texts;
  readonly de: Texts;
}

const known: { en: Texts; de: Texts } = { en, de };

/** Makes texts known; what is drawn from then on may use them. */
export function addTexts(added: Dictionary): void {
  known.en = { ...known.en, ...added.en };
  known.de = { ...known.de, ...added.de };
}

/** The text in the reader's language; what reads it is drawn again when the language changes. */
export function t(name: TextName, values: Readonly<Record<string, string>> = {}): string {
  const text = known[language.value][name] ?? name;
  return text.replaceAll(/\{(\w+)\}/g, (mark, key: string) => values[key] ?? mark);
}

type Counted = { [Name in TextName]: Name extends `${infer Plural}.one` ? Plural : never }[TextName];

/** The text for a number of things: one, or several. */
export const tCount = (name: Counted & TextName, count: number, shown: string): string =>
  count === 1 ? t(`${name}.one`) : t(name, { x: shown });

type Kind =
  | "severity"
  | "status"
  | "engine"
  | "condition"
  | "capability"
  | "role"
  | "assetState"
  | "credential"
  | "programKind"
  | "verdict"
  | "control"
  | "controlState"
  | "operator"
  | "day"
  | "advice"
  | "job"
  | "step"
  | "trigger"
  | "delivery"
  | "run"
  | "packState"
  | "metric"
  | "packAction"
  | "list";

/** The text of a value that may have one, such as a severity; the value itself where there is none. */
export function tValue(kind: Kind, value: string): string {
  const name = `${kind}.${value}`;
  return Object.hasOwn(known.en, name) ? t(name as TextName) : value;
}
